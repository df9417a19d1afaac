using Floodgate.TimelineService.HomeTimelines;
using Npgsql;

namespace Floodgate.TimelineTests.Histories;

/// <summary>Histories in which something is wrong on purpose: a checker that does not find it would find nothing.</summary>
public sealed class HistoryMutantTests(Servers servers)
{
    private const int MostSeeds = 12;

    [Fact]
    public Task A_post_that_is_lost_from_a_timeline_is_found() => IsFoundAsync(
        world => new HistoryBugs
        {
            BeforeTheEnd = async model =>
            {
                var store = world.Any(0).Get<TimelineStore>();
                foreach (var user in model.Users)
                {
                    foreach (var post in model.Known())
                    {
                        await store.TryRemoveAsync(user, [post.Id]);
                    }
                }
            },
        },
        "is shown no post");

    [Fact]
    public Task A_post_that_its_author_does_not_see_at_once_is_found() => IsFoundAsync(
        world => new HistoryBugs
        {
            AfterPost = (model, post) => world.Any(0).Get<TimelineStore>().TryRemoveAsync(model.Users[post.Author], [post.Id]),
        },
        "is shown no post");

    [Fact]
    public Task A_pull_range_that_is_gone_before_its_posts_are_pushed_is_found() => IsFoundAsync(
        world => new HistoryBugs
        {
            BeforeTheEnd = model => ExecuteAsync(
                world,
                """
                WITH gone AS (DELETE FROM pull_ranges WHERE author = ANY ($1) RETURNING author)
                INSERT INTO outbox (kind, user_id) SELECT 'pull', author FROM gone
                """,
                model),
        },
        "is shown no post");

    [Fact]
    public Task An_edit_that_the_caches_are_not_told_of_is_found() => IsFoundAsync(
        world => new HistoryBugs
        {
            BeforeTheEnd = model => ExecuteAsync(world, "UPDATE posts SET text = text || ' ' WHERE author = ANY ($1)", model),
        },
        "instead of");

    private static async Task ExecuteAsync(HistoryWorld world, string sql, HistoryModel model)
    {
        await using var command = world.Nodes.Primary.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. model.Users] });
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await new HistoryDrain(world, model).RunAsync(withBackfills: false);
    }

    // By one of a few seeds; but by what was done wrong, and not by something else.
    private async Task IsFoundAsync(Func<HistoryWorld, HistoryBugs> bugs, string how)
    {
        await using var world = await HistoryWorld.StartAsync(servers);
        for (var seed = 1; seed <= MostSeeds; seed++)
        {
            if (await History.RunAsync(world, seed, bugs(world)) is { } failure)
            {
                Assert.Contains(how, failure, StringComparison.Ordinal);
                return;
            }
        }

        Assert.Fail($"It was not found within {MostSeeds} histories.");
    }
}
