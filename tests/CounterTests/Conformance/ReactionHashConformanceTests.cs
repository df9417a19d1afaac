using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Likes;
using Floodgate.CounterTests.Flushing;
using Floodgate.CounterTests.Running;
using Floodgate.Messaging.Counters;
using Floodgate.Model;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterTests.Conformance;

/// <summary>That the simulation's model of the reactions in Redis does what the scripts do.</summary>
public sealed class ReactionHashConformanceTests(Servers servers)
{
    private const int Operations = 200;

    private static readonly long[] Posts = [1, 2, 3];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_model_answers_what_the_scripts_answer_and_holds_what_they_hold(int seed)
    {
        var random = new Random(seed);
        var generation = new VisibleGeneration();
        generation.SetRun("run-0", losses: 0);
        generation.SetEpoch(1);
        var hash = new ReactionHash(servers.Redis, generation, Options.Create(new CounterOptions()));
        var redis = new ModelRedis(() => DateTimeOffset.UtcNow);
        var model = new ModelReactions(redis, TimeSpan.FromHours(1));
        var user = FlushBench.NewPost();
        for (var i = 0; i < Operations; i++)
        {
            var post = Posts[random.Next(Posts.Length)];
            var version = random.Next(1, 40);
            var liked = random.Next(2) == 0;
            switch (random.Next(10))
            {
                case < 4:
                    Assert.Equal(model.Intend(user, post, liked, version, generation.Current!), await hash.IntendAsync(user, post, liked, version));
                    break;
                case < 8:
                    var reaction = new Reaction(user, post, liked, version);
                    model.Settle(reaction, generation.Current!);
                    await hash.SettleAsync(reaction);
                    break;
                case < 9:
                    Assert.Equal(model.Read(user, Posts, generation.Current), await hash.ReadAsync(user, Posts));
                    break;
                default:
                    generation.SetRun($"run-{random.Next(3)}", losses: 0);
                    break;
            }

            var real = (await servers.Redis.GetDatabase().HashGetAllAsync(ModelReactions.KeyOf(user)))
                .ToDictionary(of => of.Name.ToString(), of => of.Value.ToString(), StringComparer.Ordinal);
            Assert.Equal(redis.Find(ModelReactions.KeyOf(user))?.Fields ?? [], real);
        }
    }
}
