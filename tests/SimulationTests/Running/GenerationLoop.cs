using Floodgate.SimulationTests.Scheduling;
using Floodgate.SimulationTests.Servers;
using Floodgate.VisibleValues;

namespace Floodgate.SimulationTests.Running;

/// <summary>
/// What <see cref="GenerationWatch"/> does: asks Redis which run it is after every loss of the connection, and the database
/// for the epoch, once a second.
/// </summary>
internal static class GenerationLoop
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Impatient = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void Start(SimulatedProcess process, VisibleGeneration generation, SimulatedRedis redis, SimulatedDatabase database)
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
            async () => generation.SetEpoch(await database.Network.CallAsync(process, null, () => database.Tables.Epoch)),
            () => generation is { Run: not null, Current: null }));
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
