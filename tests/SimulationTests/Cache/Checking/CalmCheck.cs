using Floodgate.Leases;
using Floodgate.Sessions;
using Floodgate.SimulationTests.Cache.Cluster;
using Floodgate.SimulationTests.Cache.Running;
using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Cache.Checking;

/// <summary>That every process reads the newest value of every key once all is told and nothing fails any more.</summary>
internal sealed class CalmCheck(CacheSimulation world)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1500);

    private readonly SimulatedProcess _reader = new(world.Scheduler, "checker");
    private bool _done;

    /// <summary>Waits until all is told, and reads.</summary>
    /// <returns>What is wrong; null where all is right.</returns>
    public string? Run()
    {
        if (!world.Scheduler.RunUntil(AllTold, Longest))
        {
            return $"The outbox is not empty, or a process does not know what to believe: {string.Join(", ", Untold())}.";
        }

        // What is on its way to Redis arrives; who serves from memory stops.
        var quiet = world.Scheduler.Elapsed + TimeSpan.FromSeconds(2);
        if (!world.Scheduler.RunUntil(() => world.Scheduler.Elapsed >= quiet, Longest))
        {
            return "It came to a standstill.";
        }

        _reader.Start(ReadAllAsync);
        return world.Scheduler.RunUntil(() => _done, TimeSpan.FromMinutes(2)) ? null : "The last reads got no answer.";
    }

    private IEnumerable<CacheWrite> Untold() => world.Writes.Where(write => world.Cluster.IsKept(write) && !world.Cluster.Primary.Line.Told.Contains(write.Id));

    private bool AllTold() => !Untold().Any() && world.Services.All(service =>
        service.Host.Known.Primary == world.Cluster.Primary && service.Host.Generation.Current is not null && service.Host.Generation.Epoch >= world.Cluster.Primary.Epoch);

    private async Task ReadAllAsync()
    {
        // First as somebody without a session, who may get a stale value, but not for long.
        foreach (var service in world.Services)
        {
            for (var key = 1; key <= world.Profile.Keys; key++)
            {
                await ReadAsync(service, key, WalPosition.None, Soon);
            }
        }

        foreach (var service in world.Services)
        {
            for (var key = 1; key <= world.Profile.Keys; key++)
            {
                await ReadAsync(service, key, world.Cluster.Primary.Position, TimeSpan.Zero);
            }
        }

        _done = true;
    }

    private async Task ReadAsync(CacheService service, long key, WalPosition atLeast, TimeSpan within)
    {
        var newest = world.Cluster.Primary.Last(key);
        var until = world.Scheduler.Elapsed + within;
        Cached<CacheValue> found;
        do
        {
            found = await AskAsync(service, key, atLeast);
            if (found.Value?.Write == newest?.Value?.Write)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), _reader.Time);
        }
        while (world.Scheduler.Elapsed < until);

        world.Scheduler.Fail(
            $"In the end {service.Host.Process.Name} reads {found.Value?.ToString() ?? "nothing"} ({found.Source}) of key {key} as of {found.Position}, at least {atLeast}, and not {newest?.ToString() ?? "nothing"}.");
    }

    private async Task<Cached<CacheValue>> AskAsync(CacheService service, long key, WalPosition atLeast)
    {
        var answer = new TaskCompletionSource<Cached<CacheValue>?>();
        service.Host.Process.Start(async () =>
        {
            Cached<CacheValue>? found = null;
            try
            {
                found = (await service.ReadAsync([key], atLeast))[0];
                world.Scheduler.Note($"{service.Host.Process.Name} reads {found} in the end");
            }
            catch (CacheUnavailableException exception)
            {
                world.Scheduler.Note($"{service.Host.Process.Name}: {exception.Message}");
            }

            world.Scheduler.PostLater(owner: null, TimeSpan.Zero, () => answer.TrySetResult(found));
        });

        // A fill that failed before may still be told to all.
        if (await answer.Task is { } got)
        {
            return got;
        }

        await Task.Delay(TimeSpan.FromMilliseconds(300), _reader.Time);
        return await AskAsync(service, key, atLeast);
    }
}
