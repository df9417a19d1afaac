using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.TimelineTests.Histories;

/// <summary>What was there before a history begins: its users, their follows and older posts.</summary>
internal static class HistoryStart
{
    private const string Users = "INSERT INTO users (id, name) SELECT id, 'user ' || id FROM unnest($1::bigint[]) AS id";
    private const string Follows = "INSERT INTO follows (follower, followee) SELECT * FROM unnest($1::bigint[], $2::bigint[])";
    private const string Posts = "INSERT INTO posts (author, text) SELECT * FROM unnest($1::bigint[], $2::text[]) RETURNING id, text";

    /// <summary>Writes it, past the service; who reads from now on has seen it.</summary>
    public static async Task<HistoryModel> WriteAsync(HistoryWorld world, HistoryPlan plan)
    {
        var users = Enumerable.Range(0, plan.Users).Select(_ => world.Servers.NewUser()).ToArray();
        var model = new HistoryModel(plan, users);
        var posts = plan.Before.Select((author, number) => model.BeginPost(number, author)).ToList();
        await using var connection = await world.Nodes.Primary.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Users) { Parameters = { new() { Value = users } } },
                new(Follows)
                {
                    Parameters =
                    {
                        new() { Value = plan.Follows.Select(pair => users[pair.Follower]).ToArray() },
                        new() { Value = plan.Follows.Select(pair => users[pair.Followee]).ToArray() },
                    },
                },
                new(Posts)
                {
                    Parameters =
                    {
                        new() { Value = posts.Select(post => users[post.Author]).ToArray() },
                        new() { Value = posts.Select(post => post.Text(plan.Seed, 0)).ToArray() },
                    },
                },
            },
        };
        var ids = new Dictionary<int, long>();
        await using (var row = await batch.ExecuteReaderAsync(TestContext.Current.CancellationToken))
        {
            while (await row.ReadAsync(TestContext.Current.CancellationToken))
            {
                ids.Add(HistoryPost.Parse(plan.Seed, row.GetString(1)).Number, row.GetInt64(0));
            }
        }

        var position = await WalPositionQuery.AfterCommitAsync(connection, TestContext.Current.CancellationToken);
        foreach (var post in posts)
        {
            model.EndPost(post, ids[post.Number], position);
        }

        model.Drained(posts, position);
        model.AllSeen(position);
        return model;
    }
}
