import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createOrder } from '../../src/bot/order.ts';

/** Takes tickets, and notes whose turn has come. */
function open() {
  const order = createOrder();
  const come: string[] = [];
  const take = (name: string, queue = 'ada') => {
    const ticket = order.take(queue);
    void ticket.turn.then(() => come.push(name));
    return ticket;
  };
  return { take, come };
}

test('each waits for all before it, in whatever order those pass', async () => {
  const { take, come } = open();
  const [first, second] = [take('first'), take('second')];
  take('third');
  second.pass();
  await turn();
  expect(come).toEqual(['first']);
  first.pass();
  await turn();
  expect(come).toEqual(['first', 'second', 'third']);
});

test('nobody waits for another queue, or for what has passed', async () => {
  const { take, come } = open();
  const first = take('first');
  take('elsewhere', 'bea');
  first.pass();
  first[Symbol.dispose]();
  await turn();
  take('later');
  await turn();
  expect(come).toEqual(['first', 'elsewhere', 'later']);
});
