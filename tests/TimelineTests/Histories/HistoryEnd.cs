using System.Globalization;
using Npgsql;

namespace Floodgate.TimelineTests.Histories;

/// <summary>Compares, once everything is fanned out, what every user sees page by page with the definition in SQL.</summary>
internal sealed class HistoryEnd(HistoryWorld world, HistoryModel model, HistoryRequests requests)
{
    private const int Endless = 10_000;
    private const int MostPages = 8;
    private const int Largest = 30;

    private const string Definition = """
        SELECT p.id, p.text FROM posts p WHERE p.deleted_at IS NULL
            AND (p.author = $1 OR p.author IN (SELECT f.followee FROM follows f WHERE f.follower = $1)) ORDER BY p.id DESC
        """;

    /// <summary>Compares them.</summary>
    /// <returns>What is wrong; null: nothing.</returns>
    public async Task<string?> CheckAsync(Random random)
    {
        var smallest = Math.Min(Largest, 1 + (model.Known().Count / MostPages));
        for (var user = 0; user < model.Users.Count; user++)
        {
            var step = new Step(StepKind.Read, user) { Count = random.Next(smallest, Largest + 1), Depth = Endless, Chance = random.Next() };
            var shown = new List<ShownPost>();
            var wrong = await requests.ReadAsync(step, shown);
            var found = shown.ConvertAll(post => (post.Id, post.Text));
            var defined = await DefinedAsync(model.Users[user]);
            if (wrong is null && !found.SequenceEqual(defined))
            {
                var at = found.Zip(defined).TakeWhile(pair => pair.First == pair.Second).Count();
                wrong = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{found.Count} posts are shown of {defined.Count}; at {at} is {(at < found.Count ? found[at] : null)} instead of {(at < defined.Count ? defined[at] : null)}");
            }

            if (wrong is not null)
            {
                return $"In the end, {step}: {wrong}";
            }
        }

        return null;
    }

    private async Task<List<(long Id, string Text)>> DefinedAsync(long user)
    {
        await using var command = world.Nodes.Primary.CreateCommand(Definition);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = user });
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var posts = new List<(long, string)>();
        while (await row.ReadAsync(TestContext.Current.CancellationToken))
        {
            posts.Add((row.GetInt64(0), row.GetString(1)));
        }

        return posts;
    }
}
