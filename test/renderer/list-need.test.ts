import { expect, it } from 'vitest';
import { LISTED, needOf, PAGE, SHORT } from '../../renderer/screens/explore/list-need.ts';

const TEN_MILLION = 10_000_000;
const THIRTY_MILLION = 30_000_000;
const pageOf = (row: number): number => Math.floor(row / PAGE);

it('reads the first rows from the short list that is open already', () => {
  expect(needOf(0, { total: TEN_MILLION, listed: SHORT })).toBe('head');
  expect(needOf(pageOf(SHORT - 1), { total: TEN_MILLION, listed: SHORT })).toBe('head');
});

it('reads the last rows of any order from a short list of their own', () => {
  expect(needOf(pageOf(TEN_MILLION - 1), { total: TEN_MILLION, listed: SHORT })).toEqual({ tail: SHORT });
  expect(needOf(pageOf(1500), { total: 1600, listed: SHORT })).toEqual({ tail: SHORT });
});

it('asks for a longer list of the first rows behind those that are listed', () => {
  expect(needOf(pageOf(SHORT), { total: TEN_MILLION, listed: SHORT })).toBe('longer head');
  expect(needOf(pageOf(LISTED - PAGE), { total: TEN_MILLION, listed: SHORT })).toBe('longer head');
});

it('asks for a long list of the last rows in the other half', () => {
  expect(needOf(pageOf(LISTED + PAGE), { total: TEN_MILLION, listed: SHORT })).toEqual({ tail: LISTED });
});

it('takes a page on the edge of the two long lists from both', () => {
  expect(needOf(pageOf(LISTED), { total: TEN_MILLION, listed: LISTED })).toEqual({ tail: LISTED });
});

it('finds no list for the middle of an order that is longer than two', () => {
  expect(needOf(pageOf(THIRTY_MILLION / 2), { total: THIRTY_MILLION, listed: LISTED })).toBeNull();
});

it('needs one list alone where it holds every row', () => {
  expect(needOf(pageOf(2_999_999), { total: 3_000_000, listed: 3_000_000 })).toBe('head');
});
