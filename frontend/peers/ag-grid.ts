// A peer: AG Grid's community edition, as a table of one column whose cells are the cards.

import "ag-grid-community/styles/ag-grid.css";
import "./ag-grid.css";

import {
  ClientSideRowModelModule,
  createGrid,
  type ICellRendererParams,
  ModuleRegistry,
  RenderApiModule,
  RowApiModule,
  RowAutoHeightModule,
} from "ag-grid-community";

import type { Program } from "../src/program.ts";
import { row } from "./cards.ts";
import { HEIGHT, OVERSCAN, type Shown, start } from "./plain.ts";

ModuleRegistry.registerModules([ClientSideRowModelModule, RenderApiModule, RowApiModule, RowAutoHeightModule]);

let shown: Shown;
let grid: ReturnType<typeof make> | undefined;

function make() {
  const { list: container, rows } = shown;
  rows.remove();
  const made = createGrid<Program>(container, {
    theme: "legacy", // its newer themes are written as inline styles, which the page's policy refuses
    columnDefs: [{ flex: 1, autoHeight: true, cellRenderer: render }],
    headerHeight: 0,
    rowHeight: HEIGHT,
    rowBuffer: OVERSCAN,
    getRowId: ({ data }) => data.program_id,
    rowData: shown.programs,
    suppressAnimationFrame: true, // rows are drawn as soon as they can be
    suppressColumnVirtualisation: true,
    suppressCellFocus: true,
    suppressRowHoverHighlight: true,
    ensureDomOrder: true,
  });
  container.id = "grid";
  container.querySelector<HTMLElement>(".ag-grid-viewport")!.id = "list"; // which scrolls
  return made;
}

function render({ data, node }: ICellRendererParams<Program>): HTMLElement {
  const cell = document.createElement("div");
  const { programs, marked } = shown;
  cell.innerHTML = row(data!, node.rowIndex!, programs.length, marked.has(data!.program_id));
  return cell;
}

function draw(now: Shown): void {
  shown = now;
  if (grid === undefined) {
    grid = make();
    return;
  }
  grid.setGridOption("rowData", shown.programs);
  grid.refreshCells({ force: true }); // a card names its place in the list, which changes though its program does not
}

function redraw(_: Shown, card: HTMLElement): void {
  grid!.refreshCells({ rowNodes: [grid!.getRowNode(card.dataset["programId"]!)!], force: true });
}

start(draw, redraw);
