import { useEffect, useRef } from "react";

/** The object as it was before while all its fields are: what is made of it need not be made again. */
export function useSame<T extends object>(value: T | null): T | null {
  const last = useRef(value);
  const same = isSame(last.current, value) ? last.current : value;
  useEffect(() => {
    last.current = same;
  });
  return same;
}

function isSame<T extends object>(one: T | null, other: T | null): boolean {
  if (one === null || other === null) return one === other;
  const keys = Object.keys(one) as (keyof T)[];
  return keys.length === Object.keys(other).length && keys.every((key) => alike(one[key], other[key]));
}

/** Lists of nothing are alike too. */
function alike(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  return Array.isArray(one) && Array.isArray(other) && one.length === 0 && other.length === 0;
}
