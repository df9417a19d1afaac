using Floodgate.Nodes;
using Floodgate.Redis;
using Floodgate.Sessions;
using Microsoft.Extensions.Hosting;

namespace Floodgate.Leases.Origin;

/// <summary>
/// What the cache must know of PostgreSQL. It asks the primary for its position every second and keeps these positions for as long as floors live:
/// every write before the oldest of them may have been forgotten by Redis, every later one is not. After Redis was started anew, has evicted
/// keys, or could not be told of a write (the epoch was raised), only a position from after that will do.
/// </summary>
/// <param name="nodes">The nodes.</param>
/// <param name="generation">Tells when Redis was started anew, and when it missed something.</param>
/// <param name="floorLifetime">How long Redis keeps the floor of a key.</param>
/// <param name="time">The clock.</param>
internal sealed class PostgresOriginView(PostgresNodes nodes, RedisGeneration generation, TimeSpan floorLifetime, TimeProvider time)
    : BackgroundService, IOriginView
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly FloorSamples _samples = new(floorLifetime, time);
    private readonly Lock _looking = new();
    private (long Changes, long Epoch, long Evicted) _seen = (generation.Changes, generation.Epoch, generation.Evicted);

    /// <inheritdoc/>
    public TimelineHistory History => nodes.View.History;

    /// <inheritdoc/>
    public WalPosition? BaseFloor
    {
        get
        {
            ForgetIfLost();
            return _samples.Base;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var askedAt = long.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            ForgetIfLost();
            if (askedAt == long.MinValue || _samples.IsEmpty || time.GetElapsedTime(askedAt) >= Interval)
            {
                askedAt = time.GetTimestamp();
                await AskAsync(stoppingToken);
            }

            await Task.Delay(Look, time, stoppingToken);
        }
    }

    private async Task AskAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            limited.CancelAfter(Patience);
            var losses = _samples.Losses;
            await using var connection = await nodes.Primary.OpenConnectionAsync(limited.Token);
            _samples.Add(await WalPositionQuery.AfterCommitAsync(connection, limited.Token), losses);
        }
        catch (Exception exception) when (NodeFailure.Is(exception) && !stoppingToken.IsCancellationRequested)
        {
            // While the primary is away nothing is written, and what is known stays right.
        }
    }

    private void ForgetIfLost()
    {
        lock (_looking)
        {
            var now = (generation.Changes, generation.Epoch, generation.Evicted);
            if (now != _seen)
            {
                _samples.Forget();
                _seen = now;
            }
        }
    }
}
