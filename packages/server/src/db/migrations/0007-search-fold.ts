/** The letters of a range of code points, and those that have `by` added. */
function shifted(first: number, last: number, by: number, step = 1): readonly [from: string, to: string] {
  const codes = Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, n) => first + n * step);
  return [String.fromCodePoint(...codes), String.fromCodePoint(...codes.map((code) => code + by))];
}

const pairs = [
  shifted(0x391, 0x3a1, 32),
  shifted(0x3a3, 0x3a9, 32),
  shifted(0x410, 0x42f, 32),
  shifted(0x400, 0x40f, 80),
  shifted(0x460, 0x480, 1, 2),
  shifted(0x48a, 0x4be, 1, 2),
  shifted(0x4d0, 0x52e, 1, 2),
  shifted(0x531, 0x556, 48),
  shifted(0x1c90, 0x1cba, -3008),
  ["ςøØłŁđĐðÐħĦı", "σoollddddhhi"],
] as const;
const from = pairs.map(([from]) => from).join("");
const to = pairs.map(([, to]) => to).join("");

/**
 * `search_fold` of 0004 with the same results, by the shortest way for each text. `translate` looks for every letter in
 * its whole list, which took nine tenths of the time of indexing a message in English. A text of ASCII now takes two
 * steps; of any other those letters are replaced, one by one, that have another form and are in it: few of its kinds.
 */
export const sql = /* sql */ `
create or replace function search_fold(content text) returns text language plpgsql immutable parallel safe as $body$
declare
  folded text := left(content, 20000);
  letter text;
begin
  if octet_length(folded) > char_length(folded) then
    folded := normalize(regexp_replace(normalize(folded, NFKD),
      '[\\u0300-\\u036f\\u0591-\\u05c7\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670]', '', 'g'), NFKC);
  end if;
  folded := lower(folded collate "C");
  if octet_length(folded) = char_length(folded) then
    return regexp_replace(folded, '[\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u007f]+', ' ', 'g');
  end if;
  if folded ~ '[${from}]' then
    for letter in select distinct m[1] from regexp_matches(folded, '([${from}])', 'g') m loop
      folded := replace(folded, letter, substr('${to}', strpos('${from}', letter), 1));
    end loop;
  end if;
  folded := replace(replace(replace(replace(replace(replace(folded,
    'ß', 'ss'), 'ẞ', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe');
  return regexp_replace(
    regexp_replace(folded,
      '[\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u2000-\\u206f\\u2190-\\u22ff\\u3000-\\u3004\\u3008-\\u303f]+', ' ', 'g'),
    '([\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u2e80-\\u2fdf\\u3005-\\u3007\\u3040-\\u30ff\\u31f0-\\u31ff\\u3400-\\u9fff\\uf900-\\ufaff\\U00020000-\\U0003ffff])',
    ' \\1 ', 'g');
end
$body$;
`;
