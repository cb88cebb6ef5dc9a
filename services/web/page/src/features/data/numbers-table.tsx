/** The numbers behind a picture, folded away until somebody wants them. */
import { text } from "~/text/en";

interface NumbersTableProps {
  heads: readonly string[];
  rows: readonly { key: string; cells: readonly string[] }[];
}

export function NumbersTable({ heads, rows }: NumbersTableProps) {
  return (
    <details className="text-meta">
      <summary className="min-h-6 text-quiet">{text.numbers.asTable}</summary>
      <table className="w-full text-left">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" className="py-1 font-strong">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="figures">
          {rows.map(({ key, cells: [first, ...rest] }) => (
            <tr key={key} className="border-t border-line">
              <th scope="row" className="py-1 font-body">
                {first}
              </th>
              {rest.map((cell, i) => (
                <td key={heads[i + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
