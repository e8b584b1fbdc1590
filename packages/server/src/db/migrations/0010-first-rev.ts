/**
 * The `profile_rev` with which a user was made: while it is still the one, the profile is as everybody who met it knows it.
 * Unknown for those who were there before.
 */
export const sql = /* sql */ `
alter table users add column first_rev bigint;
`;
