import { memo } from "react";

import { counts } from "./counts.ts";
import * as flags from "./flags.ts";
import { count, money, period, text } from "./format.ts";
import type { Program } from "./program.ts";

interface CardProps {
  program: Program;
  marked: boolean;
  onMark: (id: string) => void;
  first: boolean;
}

function PlainCard({ program, marked, onMark, first }: CardProps) {
  counts.cards += 1;
  const { program_id: id, program_metrics: metrics } = program;
  return (
    <>
      <h2 id={`name-${id}`} {...(first ? { elementtiming: "first-card" } : {})}>
        {program.business_name}
      </h2>
      <p className="facts">
        <span className="status">{program.program_status}</span>
        <span>{program.program_type}</span>
        <span>{period(program.start_date, program.end_date)}</span>
        {program.custom_name !== null && <span>{program.custom_name}</span>}
        {program.program_pause_status !== null && <span>{program.program_pause_status}</span>}
        {program.businesses.length > 0 && <span>Further businesses: {count(program.businesses.length)}</span>}
      </p>
      <dl>
        {metrics !== undefined && (
          <>
            <Figure name="Budget" value={money(metrics.budget, metrics.currency)} />
            <Figure name="Highest bid" value={metrics.is_autobid ? "automatic" : money(metrics.max_bid, metrics.currency)} />
            <Figure name="Cost" value={money(metrics.ad_cost, metrics.currency)} />
            <Figure name="Impressions" value={count(metrics.billed_impressions)} />
            <Figure name="Clicks" value={count(metrics.billed_clicks)} />
          </>
        )}
      </dl>
      <Features program={program} />
      <button type="button" className="mark" aria-pressed={marked} aria-describedby={`name-${id}`} onClick={() => onMark(id)}>
        {marked ? "Marked" : "Mark"}
      </button>
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Features({ program }: { program: Program }) {
  if (program.available_features.length === 0) return null;
  const active = new Set(program.active_features);
  return (
    <ul aria-label="Features">
      {program.available_features.map((feature, place) => (
        <li key={place} className={active.has(feature) ? "active" : ""}>
          {text(feature)}
          {active.has(feature) && <span className="unseen"> (active)</span>}
        </li>
      ))}
    </ul>
  );
}

/** What a program has, without its place in the list. */
export const Card = flags.memo ? memo(PlainCard) : PlainCard;

export interface RowProps extends Omit<CardProps, "first"> {
  /** The place in the list, from 0. */
  index: number;
  total: number;
}

function PlainRow({ program, index, total, marked, onMark }: RowProps) {
  const id = program.program_id;
  return (
    <article
      tabIndex={0}
      aria-posinset={index + 1}
      aria-setsize={total}
      aria-labelledby={`name-${id}`}
      data-program-id={id}
    >
      <Card program={program} marked={marked} onMark={onMark} first={index === 0} />
    </article>
  );
}

/** A program at its place in the list. */
export const Row = flags.memo ? memo(PlainRow) : PlainRow;
