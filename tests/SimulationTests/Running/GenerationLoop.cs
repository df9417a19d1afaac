using Floodgate.Redis;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.SimulationTests.Servers;

namespace Floodgate.SimulationTests.Running;

/// <summary>
/// What <see cref="GenerationWatch"/> does: asks Redis which run it is and the database for the epoch, after every loss of the
/// connection and once a second.
/// </summary>
internal static class GenerationLoop
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Impatient = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void Start(SimulatedProcess process, RedisGeneration generation, SimulatedRedis redis, SimulatedDatabase database)
    {
        // A loss of the connection is known before anything is sent over the next one.
        redis.OnBreak(() =>
        {
            if (!process.IsDead)
            {
                generation.LoseRun();
            }
        });
        process.Start(() => WatchAsync(process, async () =>
        {
            var losses = generation.Losses;
            generation.SetRun(await redis.Network.CallAsync(process, null, () => redis.Run), losses);
        }, () => generation.Run is null));
        process.Start(() => WatchAsync(
            process,
            async () =>
            {
                var (losses, askedAt) = (generation.Losses, process.Time.GetTimestamp());
                generation.SetEpoch(await database.Network.CallAsync(process, null, () => database.Tables.Epoch), losses, askedAt);
            },
            () => generation.IsEpochAwaited));
    }

    private static async Task WatchAsync(SimulatedProcess process, Func<Task> ask, Func<bool> isUrgent)
    {
        while (true)
        {
            try
            {
                await ask().WaitAsync(Patience, process.Time);
            }
            catch (Exception)
            {
                // The next time.
            }

            await Task.Delay(isUrgent() ? Impatient : Interval, process.Time);
        }
    }
}
