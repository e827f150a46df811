import { ANY, STATUSES, TYPES } from "./program.ts";

export interface Choice {
  status: string;
  type: string;
  text: string;
}

export const NO_CHOICE: Choice = { status: ANY, type: ANY, text: "" };

interface FiltersProps {
  choice: Choice;
  onChange: (choice: Choice) => void;
}

/** The text box and the two selections. */
export function Filters({ choice, onChange }: FiltersProps) {
  return (
    <search>
      <label>
        Search
        <input
          id="search"
          type="search"
          autoComplete="off"
          spellCheck={false}
          maxLength={64}
          placeholder="Business or its id"
          value={choice.text}
          onChange={(event) => onChange({ ...choice, text: event.target.value })}
        />
      </label>
      <Select
        id="status"
        label="Status"
        values={STATUSES}
        value={choice.status}
        onChange={(status) => onChange({ ...choice, status })}
      />
      <Select id="type" label="Type" values={TYPES} value={choice.type} onChange={(type) => onChange({ ...choice, type })} />
      <button id="clear" type="button" onClick={() => onChange(NO_CHOICE)}>
        Clear
      </button>
    </search>
  );
}

interface SelectProps {
  id: string;
  label: string;
  values: readonly string[];
  value: string;
  onChange: (value: string) => void;
}

function Select({ id, label, values, value, onChange }: SelectProps) {
  return (
    <label>
      {label}
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value={ANY}>all</option>
        {values.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}
