using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Consistency.Overhead;
using Floodgate.Bench.Gateway;
using Floodgate.Bench.Measuring;
using Npgsql;

namespace Floodgate.Bench.Consistency.Outage;

/// <summary>Kills the primary and keeps it away under load; then compares what was acknowledged with what is there.</summary>
internal sealed class OutageRun(ConsistencySystem system, int seed, TimeProvider time)
{
    private const int Posts = 50;
    private const string LikersSql = "SELECT user_id FROM reactions WHERE post_id = $1 AND liked";
    private const string TextsSql = "SELECT text FROM posts WHERE text = ANY ($1)";

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PublishPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs it.</summary>
    /// <param name="away">How long the primary is away.</param>
    /// <param name="progress">Takes the seconds of it that have passed.</param>
    /// <param name="cancellation">Ends it; the primary is started again all the same.</param>
    public async Task<OutageFigures> RunAsync(TimeSpan away, Progress progress, CancellationToken cancellation)
    {
        await using var author = new PostWriter(system.Gateway, system.TokenKey, time);
        var posts = await author.WriteAsync(Posts, cancellation);
        var figures = new OutageFigures();
        using var load = new OutageLoad(system.Gateway, system.TokenKey, posts, author.Session, figures, seed, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = load.RunAsync(stop.Token, cancellation);
        try
        {
            await Task.Delay(Before, time, cancellation);
            await AwayAsync(load, figures, away, progress, cancellation);
            await Task.Delay(After, time, cancellation);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }

        await DrainAsync(cancellation);
        await PublishedAsync(load, figures, cancellation);
        await CompareAsync(load, posts, figures, cancellation);
        return figures;
    }

    private async Task AwayAsync(OutageLoad load, OutageFigures figures, TimeSpan away, Progress progress, CancellationToken cancellation)
    {
        try
        {
            load.Phase = OutagePhase.Away;
            var began = time.GetTimestamp();
            await system.TakePrimaryAwayAsync(cancellation);
            for (var left = away; left > TimeSpan.Zero; left -= Tick)
            {
                await Task.Delay(Tick, time, cancellation);
                progress.Add(1);
            }

            figures.Away = time.GetElapsedTime(began);
        }
        finally
        {
            load.Phase = OutagePhase.After;
            await system.BringPrimaryBackAsync(CancellationToken.None);
        }
    }

    // Until every queue and outbox is empty.
    private async Task DrainAsync(CancellationToken cancellation)
    {
        using var client = new GatewayClient(system.Gateway, concurrency: 1, Patience, seed, time);
        var oracle = new Oracle(client);
        var began = time.GetTimestamp();
        while (await oracle.BacklogAsync(cancellation) is not { Messages: 0, Outbox: 0 })
        {
            if (time.GetElapsedTime(began) > Patience) throw new RunFailedException($"The queues were not empty {Patience} after the primary was back.");
            await Task.Delay(Tick, time, cancellation);
        }
    }

    private async Task CompareAsync(OutageLoad load, IReadOnlyList<long> posts, OutageFigures figures, CancellationToken cancellation)
    {
        await using var connection = await system.Cluster.ConnectAsync(system.Cluster.Primary, cancellation);
        var liked = new HashSet<(long User, long Post)>();
        foreach (var post in posts)
        {
            foreach (var user in await ListAsync<long>(connection, LikersSql, post, cancellation)) liked.Add((user, post));
        }

        figures.LikesLost = load.Likes.Count(like => !liked.Contains(like));
        figures.PostsLost = load.Written.Count - await ThereAsync(connection, load.Written, cancellation);
        var all = await ListAsync<string>(connection, TextsSql, load.Written.Concat(load.Promised).ToArray(), cancellation);
        figures.PostsTwice = all.Count - all.Distinct(StringComparer.Ordinal).Count();
    }

    // A promised post may come some time after the primary.
    private async Task PublishedAsync(OutageLoad load, OutageFigures figures, CancellationToken cancellation)
    {
        await using var connection = await system.Cluster.ConnectAsync(system.Cluster.Primary, cancellation);
        for (var began = time.GetTimestamp(); ; await Task.Delay(Tick, time, cancellation))
        {
            figures.PostsPublished = await ThereAsync(connection, load.Promised, cancellation);
            if (figures.PostsPublished == load.Promised.Count || time.GetElapsedTime(began) > PublishPatience) return;
        }
    }

    private static async Task<int> ThereAsync(NpgsqlConnection connection, IReadOnlyCollection<string> texts, CancellationToken cancellation)
    {
        var there = (await ListAsync<string>(connection, TextsSql, texts.ToArray(), cancellation)).ToHashSet(StringComparer.Ordinal);
        return texts.Count(there.Contains);
    }

    private static async Task<List<T>> ListAsync<T>(NpgsqlConnection connection, string sql, object parameter, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // The statements are the constants above.
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter { Value = parameter } } };
#pragma warning restore CA2100
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var list = new List<T>();
        while (await rows.ReadAsync(cancellation)) list.Add(rows.GetFieldValue<T>(0));
        return list;
    }
}
