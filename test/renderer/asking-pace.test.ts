import { describe, expect, it } from 'vitest';
import { AskingPace } from '../../renderer/link/asking-pace.ts';

/** A pace with a clock that stands until it is moved. */
function paced() {
  let now = 1000;
  return { pace: new AskingPace(() => now), pass: (ms: number) => void (now += ms) };
}

describe('how often the screens ask anew', () => {
  it('asks at once where nothing was asked before', () => {
    expect(paced().pace.wait()).toBe(0);
  });

  it('waits two seconds between rounds whose answers are quick', () => {
    const { pace, pass } = paced();
    pace.begin();
    const answered = pace.ask();
    pass(100);
    answered();
    expect(pace.wait()).toBe(1900);
    pass(1900);
    expect(pace.wait()).toBe(0);
  });

  it('waits as long as it takes that answers were a sixth of the time', () => {
    const { pace, pass } = paced();
    pace.begin();
    const answered = pace.ask();
    pass(5000);
    answered();
    expect(pace.wait()).toBe(25_000);
  });

  it('counts the time of questions that are on their way together once', () => {
    const { pace, pass } = paced();
    pace.begin();
    const [first, second] = [pace.ask(), pace.ask()];
    pass(1000);
    first();
    pass(1000);
    second();
    expect(pace.wait()).toBe(10_000);
  });

  it('begins no round while an answer is on its way', () => {
    const { pace, pass } = paced();
    pace.begin();
    const answered = pace.ask();
    pass(60_000);
    expect(pace.wait()).toBeUndefined();
    answered();
    expect(pace.wait()).toBe(300_000);
  });

  it('forgets with each round what the one before has cost', () => {
    const { pace, pass } = paced();
    const answered = pace.ask();
    pass(9000);
    answered();
    pace.begin();
    expect(pace.wait()).toBe(2000);
  });
});
