const DISCORD_EPOCH_MS = 1_420_070_400_000;

/** Makes ids that sort by age and carry their time, as Discord's do. */
export type Snowflakes = (at?: number) => string;

export function createSnowflakes(clock: () => number): Snowflakes {
  let increment = 0n;
  return (at = clock()) => {
    increment = (increment + 1n) & 0x3fffffn;
    return String((BigInt(Math.floor(at) - DISCORD_EPOCH_MS) << 22n) | increment);
  };
}
