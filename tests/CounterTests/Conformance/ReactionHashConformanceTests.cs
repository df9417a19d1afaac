using Floodgate.CounterTests.Flushing;
using Floodgate.CounterTests.Running;
using Floodgate.Messaging.Counters;
using Floodgate.Model;
using Floodgate.Redis;
using Floodgate.VisibleValues.Reactions;

namespace Floodgate.CounterTests.Conformance;

/// <summary>That the simulation's model of the reactions in Redis does what the scripts do.</summary>
public sealed class ReactionHashConformanceTests(Servers servers)
{
    private const int Operations = 400;

    private static readonly long[] Posts = [1, 2, 3];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_model_answers_what_the_scripts_answer_and_holds_what_they_hold(int seed)
    {
        var random = new Random(seed);
        var generation = new RedisGeneration(TimeProvider.System);
        generation.SetRun("run-0", losses: 0);
        generation.SetEpoch(1, losses: 0);
        var hash = new ReactionHash(servers.Redis, generation, TimeSpan.FromHours(1));
        var redis = new ModelRedis(() => DateTimeOffset.UtcNow);
        var model = new ModelReactions(redis, TimeSpan.FromHours(1));
        var user = FlushBench.NewPost();
        for (var i = 0; i < Operations; i++)
        {
            var post = Posts[random.Next(Posts.Length)];
            var version = random.Next(1, 40);
            var liked = random.Next(2) == 0;
            switch (random.Next(14))
            {
                case < 1:
                    model.Mark(user, $"mark-{i}", generation.Current!);
                    await hash.MarkAsync(user, $"mark-{i}");
                    break;
                case < 2:
                    var mark = model.Read(user, Posts, generation.Current).Mark ?? "none";
                    var stored = new StoredReactions(random.Next(3), [.. Posts.Where(_ => random.Next(2) == 0).Select(of => new StoredReaction(of, random.Next(2) == 0, random.Next(1, 40)))]);
                    model.Complete(user, mark, stored, generation.Current!);
                    await hash.CompleteAsync(user, mark, stored);
                    break;
                case < 3:
                    var told = new Reaction(user, post, liked, version);
                    model.Tell(told);
                    await hash.TellAsync(told);
                    break;
                case < 7:
                    Assert.Equal(model.Intend(user, post, liked, version, generation.Current!), await hash.IntendAsync(user, post, liked, version));
                    break;
                case < 11:
                    var reaction = new Reaction(user, post, liked, version);
                    model.Settle(reaction, generation.Current!);
                    await hash.SettleAsync(reaction);
                    break;
                case < 13:
                    var (expected, actual) = (model.Read(user, Posts, generation.Current), await hash.ReadAsync(user, Posts));
                    Assert.Equal(expected.Pairs, actual.Pairs);
                    Assert.Equal((expected.IsComplete, expected.Mark), (actual.IsComplete, actual.Mark));
                    break;
                default:
                    generation.SetRun($"run-{random.Next(3)}", losses: 0);
                    break;
            }

            var real = (await servers.Redis.GetDatabase().HashGetAllAsync(ReactionHash.KeyOf(user)))
                .ToDictionary(of => of.Name.ToString(), of => of.Value.ToString(), StringComparer.Ordinal);
            Assert.Equal(redis.Find(ReactionHash.KeyOf(user))?.Fields ?? [], real);
        }
    }
}
