using System.Net.Sockets;
using Floodgate.SystemTests.Running;
using Npgsql;

namespace Floodgate.SystemTests.Chaos;

/// <summary>Compares what was acknowledged with PostgreSQL, and PostgreSQL with what readers are shown. Enters each difference as a fault.</summary>
internal sealed class Verdict(
    RunningSystem system, ChaosLoad load, IReadOnlyList<UserSession> users, UserSession author, IReadOnlyList<long> posts, ChaosReport report)
{
    // One flush interval (1 s), and as long again for the asking.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Compares everything, once the queues are drained.</summary>
    public async Task ReachAsync(CancellationToken cancellationToken)
    {
        using var gateway = system.Gateway();
        gateway.Timeout = TimeSpan.FromMinutes(1);
        await DrainAsync(gateway, cancellationToken);
        report.Event("drained");

        // Those of before the primary was killed lead nowhere.
        NpgsqlConnection.ClearAllPools();
        await using var primary = await system.ConnectAsync("floodgate", cancellationToken);
        var rows = await ReactionsAsync(primary, cancellationToken);
        CompareRows(rows);
        await ComparePostsAsync(gateway, rows, cancellationToken);
        await ComparePairsAsync(rows, cancellationToken);
        await CompareCountersAsync(gateway, primary, cancellationToken);
    }

    private static async Task DrainAsync(HttpClient gateway, CancellationToken cancellationToken) =>
        await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await gateway.GetAsync("/dev/oracle/backlog", cancellationToken);
                return await answer.Content.ReadAsStringAsync(cancellationToken);
            },
            text => text == """{"messages":0,"outbox":0}""",
            Patience,
            cancellationToken);

    private void CompareRows(Dictionary<(long User, long Post), bool> rows)
    {
        foreach (var user in users)
        {
            foreach (var post in posts)
            {
                var liked = rows.GetValueOrDefault((user.Id, post));
                if (!load.Likes.MayBe((user.Id, post), liked))
                {
                    report.Fault($"reactions has liked={liked} for user {user.Id} and post {post}, the opposite was acknowledged");
                }
            }
        }

        var strangers = rows.Keys.Except(load.Likes.Pairs).Count();
        if (strangers > 0)
        {
            report.Fault($"reactions has {strangers} pairs that nobody wrote");
        }
    }

    private async Task ComparePostsAsync(HttpClient gateway, Dictionary<(long User, long Post), bool> rows, CancellationToken cancellationToken)
    {
        foreach (var post in posts)
        {
            var count = rows.Count(row => row.Value && row.Key.Post == post);
            var right = $$$"""{"{{{post}}}":{"reactions":{{{count}}},"slots":{{{count}}},"visible":{{{count}}}}}""";
            await ShownAsync($"the likes of post {post}", right, () => gateway.GetStringAsync($"/dev/oracle/likes?posts={post}", cancellationToken), cancellationToken);
        }
    }

    // What each user is shown of each post: the sum, and whether the user likes it.
    private async Task ComparePairsAsync(Dictionary<(long User, long Post), bool> rows, CancellationToken cancellationToken)
    {
        var counts = posts.ToDictionary(post => post, post => rows.Count(row => row.Value && row.Key.Post == post));
        await Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (user, stop) =>
        {
            var right = string.Join("; ", posts.Select(post => $"{post}: {counts[post]}, {rows.GetValueOrDefault((user.Id, post))}"));
            await ShownAsync(
                $"the posts to user {user.Id}",
                right,
                async () =>
                {
                    var shown = (await user.GetAsync($"/users/{author.Id}/posts", stop)).GetProperty("items").EnumerateArray();
                    return string.Join("; ", shown.OrderBy(post => post.GetProperty("id").GetInt64()).Select(post =>
                        $"{post.GetProperty("id").GetInt64()}: {post.GetProperty("likes").GetInt64()}, {post.GetProperty("liked").GetBoolean()}"));
                },
                stop);
        });
    }

    private async Task CompareCountersAsync(HttpClient gateway, NpgsqlConnection primary, CancellationToken cancellationToken)
    {
        foreach (var key in load.Counters.Counters)
        {
            var (least, most) = load.Counters.BoundsOf(key);
            var value = await SlotsAsync(primary, key, cancellationToken);
            report.Event($"counter {key} is {value}, from {least} to {most} by what was acknowledged");
            if (value < least || value > most)
            {
                report.Fault($"counter {key} is {value} in PostgreSQL, by what was acknowledged it is from {least} to {most}");
            }

            await ShownAsync(
                $"counter {key}", $$$"""{"{{{key}}}":{{{value}}}}""",
                () => gateway.GetStringAsync($"/counters/{load.Name}?keys={key}", cancellationToken), cancellationToken);
        }
    }

    private async Task ShownAsync(string what, string right, Func<Task<string>> ask, CancellationToken cancellationToken)
    {
        var shown = "";
        try
        {
            await Eventually.HoldsAsync(async () => shown = await ask(), seen => seen == right, Freshness, cancellationToken);
        }
        catch (Exception exception) when (exception is Xunit.Sdk.XunitException or HttpRequestException or SocketException)
        {
            report.Fault($"{what}: PostgreSQL has {right}, shown is {shown} ({(exception is Xunit.Sdk.XunitException ? "for long" : exception.Message)})");
        }
    }

    private async Task<Dictionary<(long User, long Post), bool>> ReactionsAsync(NpgsqlConnection primary, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT user_id, post_id, liked FROM reactions WHERE post_id = ANY ($1)", primary)
        {
            Parameters = { new() { Value = posts.ToArray() } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new Dictionary<(long User, long Post), bool>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetInt64(0), reader.GetInt64(1)), reader.GetBoolean(2));
        }

        return rows;
    }

    private async Task<long> SlotsAsync(NpgsqlConnection primary, string key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT coalesce(sum(value), 0)::bigint FROM counter_slots WHERE name = $1 AND key = $2", primary)
        {
            Parameters = { new() { Value = load.Name }, new() { Value = key } },
        };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
