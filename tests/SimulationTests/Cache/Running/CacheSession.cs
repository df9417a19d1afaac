using Floodgate.Leases;
using Floodgate.Sessions;
using Floodgate.SimulationTests.Cache.Checking;
using Floodgate.SimulationTests.Cache.Cluster;
using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Cache.Running;

/// <summary>A user: does one thing after the other, each at any process, and carries along what was seen.</summary>
internal sealed class CacheSession(CacheSimulation world, SimulatedProcess client, int number)
{
    private readonly Dictionary<long, CacheWrite> _seen = [];

    /// <summary>What it is to be shown at least.</summary>
    public WalPosition Position { get; private set; }

    /// <summary>What it has seen of each key.</summary>
    public IReadOnlyDictionary<long, CacheWrite> Seen => _seen;

    /// <summary>Whether it carries nothing along, as a caller without a session.</summary>
    public bool IsAnonymous { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"session {number}";

    private Random Random => world.Scheduler.Random;

    /// <summary>Does things until there is nothing left to do.</summary>
    public async Task RunAsync()
    {
        while (world.TakeOperation())
        {
            await Task.Delay(world.Profile.Pause * Random.NextDouble(), client.Time);
            await (Random.Next(20) switch
            {
                < 5 => WriteAsync(),
                < 7 => LookAsync(),
                _ => ReadAsync(),
            });
        }

        world.Ended();
    }

    private async Task ReadAsync()
    {
        var first = Random.Next(world.Profile.Keys);
        var keys = Enumerable.Range(0, Random.Next(3) == 0 ? world.Profile.Keys : 1).Select(i => (long)(((first + i) % world.Profile.Keys) + 1)).ToArray();
        var check = new ReadCheck(world, this, keys);
        var service = world.AnyService();
        var position = IsAnonymous ? WalPosition.None : Position;
        var found = await AskAsync(service, () => service.ReadAsync(keys, position));
        if (found is null)
        {
            return;
        }

        if (world.Scheduler.IsTraced)
        {
            world.Scheduler.Note($"{this} at {position} reads at {service.Host.Process.Name}: {string.Join(", ", found.Zip(keys, (one, key) => $"{key}={one.Value?.Write.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"} {one.Source} {one.Position}"))}");
        }

        if (!IsAnonymous)
        {
            foreach (var one in found)
            {
                Position = service.Host.Known.History.Furthest(Position, one.Position);
            }
        }

        check.Compare(found, service);
    }

    private async Task LookAsync()
    {
        var service = world.AnyService();
        if (!IsAnonymous && await AskAsync(service, async () => new[] { await service.LookAsync(Position) }) is { } shown)
        {
            world.Scheduler.Note($"{this} looks elsewhere, at {shown[0]}");
            Position = service.Host.Known.History.Furthest(Position, shown[0]);
        }
    }

    private async Task WriteAsync()
    {
        var write = new CacheWrite(world.NextWrite(), Random.Next(world.Profile.Keys) + 1, Random.Next(6) == 0);
        world.Writes.Add(write);
        var service = world.AnyService();
        if (await AskAsync(service, async () => new[] { await service.WriteAsync(write) }) is { } position)
        {
            world.Scheduler.Note($"{this} has written {write}");
            if (!IsAnonymous)
            {
                Position = service.Host.Known.History.Furthest(Position, position[0]);
                if (write.AnnouncedAt is not null)
                {
                    See(write);
                }
            }
        }
    }

    /// <summary>It has seen a write.</summary>
    public void See(CacheWrite write) => _seen[write.Key] = write;

    // A request to a service, which may be killed meanwhile. Null: it failed.
    private async Task<T[]?> AskAsync<T>(CacheService service, Func<Task<T[]>> what)
    {
        var answer = new TaskCompletionSource<T[]?>();
        var process = service.Host.Process;
        var started = world.Scheduler.Elapsed;
        process.OnKill(() => world.Scheduler.PostLater(owner: null, TimeSpan.FromMilliseconds(1), () => answer.TrySetResult(null)));
        process.Start(async () =>
        {
            T[]? found = null;
            try
            {
                found = await what();
            }
            catch (Exception exception) when (exception is CacheUnavailableException or Npgsql.NpgsqlException or TimeoutException)
            {
                world.Scheduler.Note($"{this} at {process.Name}: {exception.Message}");
            }

            world.Scheduler.PostLater(owner: null, TimeSpan.FromMilliseconds(0.2), () => answer.TrySetResult(found));
        });
        var result = await answer.Task;
        if (world.Scheduler.Elapsed - started > CacheSimulation.LongestCall)
        {
            world.Scheduler.Fail($"{this}: a call took {world.Scheduler.Elapsed - started}.");
        }

        return result;
    }
}
