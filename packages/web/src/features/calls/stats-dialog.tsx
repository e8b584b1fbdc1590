import type { PairStats } from "@parlor/client";
import { inLocale } from "../../lib/formats.js";
import { Dialog } from "../../ui/dialog.js";
import { callWords } from "./call-words.js";
import type { TileItem } from "./tiles.js";

const NOTHING = "–";
const percents = inLocale(
  (locale) => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }),
);

function pair(one: string | null, other: string | null): string {
  return `${one ?? NOTHING} / ${other ?? NOTHING}`;
}

function rowsOf(stats: PairStats): [string, string][] {
  const words = callWords();
  const share = (value: number | null) => (value === null ? null : percents().format(value));
  const rate = (value: number | null) => (value === null ? null : words.kbits(Math.round(value / 1_000)));
  const { limitation } = stats;
  const isLimited = limitation === "cpu" || limitation === "bandwidth" || limitation === "other";
  const size = stats.widthIn && stats.heightIn ? `${stats.widthIn} × ${stats.heightIn}` : NOTHING;
  return [
    [words.rtt, stats.rtt === null ? NOTHING : words.ms(Math.round(stats.rtt))],
    [words.loss, pair(share(stats.lossIn), share(stats.lossOut))],
    [words.rate, pair(rate(stats.bitrateIn), rate(stats.bitrateOut))],
    [words.picture, stats.fpsIn === null ? NOTHING : words.frames(size, Math.round(stats.fpsIn))],
    ...(isLimited ? [[words.limit, words.limits[limitation]] as [string, string]] : []),
    [words.way, stats.relayed === null ? NOTHING : stats.relayed ? words.relayed : words.directly],
  ];
}

/** How the connection to each other person does, for the curious and for whoever helps them. */
export function StatsDialog({ tiles, onClose }: { tiles: readonly TileItem[]; onClose: () => void }) {
  const words = callWords();
  const people = tiles.filter(({ person, isScreen }) => person?.stats && !isScreen);
  return (
    <Dialog open onClose={onClose} title={words.stats}>
      <div className="grid gap-5 px-5 pt-1 pb-6 sm:px-6">
        {people.length === 0 ? <p className="text-ink-soft">{words.nobody}</p> : null}
        {people.map(({ key, name, person }) => (
          <section key={key} aria-label={name}>
            <h3 dir="auto" className="pb-1 font-semibold">
              {name}
            </h3>
            <dl className="text-sm">
              {(person?.stats ? rowsOf(person.stats) : []).map(([label, value]) => (
                <div key={label} className="flex justify-between gap-4 border-t border-line py-1.5">
                  <dt className="text-ink-soft">{label}</dt>
                  <dd className="text-end tabular-nums">{value}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
