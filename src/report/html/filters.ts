/**
 * The one script of a page, which filters its tables. Without it all is shown, and the filters are not. It reads what the
 * page says and hides rows and columns; it writes nothing but the numbers of what is left.
 *
 * A form names its table by `data-filters`. A control filters rows by the attribute of its name (`data-verdict`), rows by their
 * text (`text`), columns by the words of their header (`column`), or shows only columns that differ (`differences`).
 */
export const filterScript = `
for (const form of document.querySelectorAll('form[data-filters]')) {
  const table = document.getElementById(form.dataset.filters);
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  const heads = [...table.querySelectorAll('th[data-column]')];
  const left = form.querySelector('output');
  const fits = (row, { name, value }) =>
    value === '' || (name === 'text' ? row.textContent.toLowerCase().includes(value.toLowerCase()) : row.dataset[name] === value);
  const apply = () => {
    const controls = [...form.elements].filter(({ name }) => name);
    const byRow = controls.filter(({ name }) => name !== 'column' && name !== 'differences');
    for (const row of rows) row.hidden = !byRow.every((control) => fits(row, control));
    const seen = rows.filter((row) => !row.hidden);
    const words = (form.elements.column?.value ?? '').toLowerCase();
    const onlyDifferent = form.elements.differences?.checked === true;
    let columns = 0;
    for (const head of heads) {
      const at = Number(head.dataset.column);
      const verdicts = new Set(seen.map((row) => row.cells[at].dataset.verdict).filter((verdict) => verdict !== 'unsupported'));
      const isShown = head.dataset.words.toLowerCase().includes(words) && (!onlyDifferent || verdicts.size > 1);
      head.hidden = !isShown;
      for (const row of rows) row.cells[at].hidden = !isShown;
      columns += isShown ? 1 : 0;
    }
    for (const group of table.querySelectorAll('th[data-group]')) {
      const shown = heads.filter((head) => head.dataset.stem === group.dataset.group && !head.hidden).length;
      group.hidden = shown === 0;
      group.colSpan = Math.max(1, shown);
    }
    left.textContent =
      seen.length + ' of ' + rows.length + ' ' + form.dataset.rows +
      (heads.length > 0 ? ', ' + columns + ' of ' + heads.length + ' clauses' : '');
  };
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.hidden = false;
  apply();
}
`;
