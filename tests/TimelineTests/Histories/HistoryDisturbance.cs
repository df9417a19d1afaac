using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.PullRanges;
using Npgsql;

namespace Floodgate.TimelineTests.Histories;

/// <summary>The steps of a history that are nobody's request: jobs that are delivered again, timelines that expire, pull ranges that are closed.</summary>
internal sealed class HistoryDisturbance(HistoryWorld world, HistoryModel model)
{
    private const string ClosedRanges = "SELECT id, author FROM pull_ranges WHERE author = ANY ($1) AND until_post IS NOT NULL";
    private const string OpenRanges = "SELECT id, author FROM pull_ranges WHERE author = ANY ($1) AND until_post IS NULL";

    private readonly List<FanOutJob> _backfills = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task GoAwayAsync(Step step) => TryAsync(() => world.Any(0).Redis.KeyDeleteAsync(TimelineKeys.Of(model.Users[step.User])));

    /// <summary>Has a timeline rebuilt, and deletes it as soon as it is begun: mostly the rebuild ends in vain.</summary>
    public async Task ForgetAsync(Step step)
    {
        await GoAwayAsync(step);
        await TryAsync(async () =>
        {
            var (redis, user) = (world.Any(step.Chance).Redis, model.Users[step.User]);
            var rebuild = world.Any(step.Chance).Get<TimelineRebuilder>().RebuildAsync(user, new NodeRead(step.Node, WalPosition.None), Cancel);
            while (!rebuild.IsCompleted && !await redis.KeyExistsAsync(TimelineKeys.Of(user)))
            {
                Cancel.ThrowIfCancellationRequested();
            }

            await redis.KeyDeleteAsync(TimelineKeys.Of(user));
            await rebuild;
        });
    }

    /// <summary>Delivers a job of a post again: the first one, the plan, or a chunk, at the position of the post, as the relay would have given it.</summary>
    public async Task RedeliverAsync(Step step)
    {
        if (model.With(step.Post, post => post, otherwise: null!) is not { } post)
        {
            return;
        }

        var random = new Random(step.Chance);
        var job = new FanOutJob(post.Id, model.Users[post.Author], post.Position, After: 0);
        var bounds = new[] { model.Users[random.Next(model.Users.Count)], model.Users[random.Next(model.Users.Count)] }.Order().ToArray();
        job = random.Next(4) switch
        {
            0 => job with { Kind = FanOutKind.Plan },
            1 => job with { After = bounds[0], Until = random.Next(2) == 0 ? bounds[1] : 0 },
            _ => job,
        };
        await DoAsync(step, job, repeated: random.Next(2) == 0);
    }

    /// <summary>Delivers the first job of a backfill again, from a range that was seen closed.</summary>
    public async Task BackfillAsync(Step step)
    {
        await SeeClosedAsync();
        FanOutJob? job;
        lock (_backfills)
        {
            job = _backfills.Count == 0 ? null : _backfills[step.Chance % _backfills.Count];
        }

        if (job is not null)
        {
            await DoAsync(step, job, repeated: true);
        }
    }

    public async Task CloseAsync(Step step)
    {
        foreach (var (range, author) in await RangesAsync(OpenRanges))
        {
            if (author == model.Users[step.User])
            {
                await TryAsync(() => world.Any(step.Chance).Get<PullRangeStore>().CloseAsync(range, Cancel));
            }
        }

        await SeeClosedAsync();
    }

    public Task CloseAllAsync(Step step) => TryAsync(() => world.Any(step.Chance).Get<PullRangeWatch>().CloseAsync(Cancel));

    public void Shed(Step step) => world.Any(step.Chance).Get<Shedding>().Observe(TimeSpan.FromMinutes(1));

    // As a consumer does: what fails is delivered again, until it is done. A plan that is given up would leave the chunks open that it has entered.
    private Task DoAsync(Step step, FanOutJob job, bool repeated)
    {
        var worker = world.Any(step.Chance).Get<FanOutWorker>();
        return Eventually.BecomesAsync(() =>
        {
            var again = repeated;
            repeated = true;
            return TryAsync(() => worker.DoAsync(job, rest => job = rest, Cancel, again));
        });
    }

    private async Task SeeClosedAsync()
    {
        var closed = await RangesAsync(ClosedRanges);
        var position = await world.Any(0).PositionAsync();
        lock (_backfills)
        {
            _backfills.AddRange(closed.Select(range => new FanOutJob(range.Id, range.Author, position, After: 0, Kind: FanOutKind.Backfill)));
        }
    }

    private async Task<List<(long Id, long Author)>> RangesAsync(string sql)
    {
        await using var command = world.Nodes.Primary.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. model.Users] });
        await using var row = await command.ExecuteReaderAsync(Cancel);
        var ranges = new List<(long, long)>();
        while (await row.ReadAsync(Cancel))
        {
            ranges.Add((row.GetInt64(0), row.GetInt64(1)));
        }

        return ranges;
    }

    // What fails for want of Redis is no error. A range that a relay holds, which waits for Redis, is closed another time.
    private async Task<bool> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (Exception exception) when (world.LosesRedis
            && (RedisGate.IsFailure(exception) || exception is PublishUnconfirmedException or PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable }))
        {
            return false;
        }
    }
}
