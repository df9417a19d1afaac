using Floodgate.Leases.Origin;
using Floodgate.Redis;
using Floodgate.Sessions;
using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Cache.Running;

/// <summary>What <see cref="PostgresOriginView"/> does, on the simulated cluster.</summary>
internal sealed class SimulatedOriginView(
    SimulatedProcess process, ClusterKnowledge known, RedisGeneration generation, TimeSpan floorLifetime) : IOriginView
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly FloorSamples _samples = new(floorLifetime, process.Time);
    private (long Changes, long Epoch, long Evicted) _seen = (generation.Changes, generation.Epoch, generation.Evicted);

    public TimelineHistory History => known.History;

    public WalPosition? BaseFloor
    {
        get
        {
            ForgetIfLost();
            return _samples.Base;
        }
    }

    public async Task RunAsync()
    {
        var askedAt = long.MinValue;
        while (true)
        {
            ForgetIfLost();
            if (askedAt == long.MinValue || _samples.IsEmpty || process.Time.GetElapsedTime(askedAt) >= Interval)
            {
                askedAt = process.Time.GetTimestamp();
                await AskAsync();
            }

            await Task.Delay(Look, process.Time);
        }
    }

    private async Task AskAsync()
    {
        try
        {
            var losses = _samples.Losses;
            _samples.Add(await known.Primary.PositionAsync(process).WaitAsync(Interval, process.Time), losses);
        }
        catch (Exception)
        {
            // The next time.
        }
    }

    private void ForgetIfLost()
    {
        var now = (generation.Changes, generation.Epoch, generation.Evicted);
        if (now != _seen)
        {
            _seen = now;
            _samples.Forget();
        }
    }
}
