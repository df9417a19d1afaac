using Floodgate.CounterTests.Running;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterTests.Flushing;

public sealed class ReactionTests(Servers servers)
{
    [Fact]
    public async Task The_highest_version_of_a_pair_wins_whatever_the_order_of_arrival()
    {
        await using var bench = new FlushBench(servers);
        var post = FlushBench.NewPost();

        await bench.FlushAsync(bench.React(new Reaction(1, post, Liked: true, Version: 30)));
        await bench.FlushAsync(bench.React(new Reaction(1, post, Liked: false, Version: 20)));
        Assert.Equal((1, 1), await StateAsync(bench, post));

        await bench.FlushAsync(bench.React(
            new Reaction(1, post, Liked: false, Version: 50), new Reaction(1, post, Liked: true, Version: 40), new Reaction(2, post, Liked: true, Version: 1)));
        Assert.Equal((1, 1), await StateAsync(bench, post));
        Assert.False(await servers.ScalarAsync<bool>($"SELECT liked FROM reactions WHERE user_id = 1 AND post_id = {post}"));
    }

    [Fact]
    public async Task A_repeated_like_adds_nothing_and_an_unlike_of_nothing_takes_nothing()
    {
        await using var bench = new FlushBench(servers);
        var post = FlushBench.NewPost();

        await bench.FlushAsync(bench.React(new Reaction(1, post, Liked: false, Version: 1)));
        Assert.Equal((0, 0), await StateAsync(bench, post));

        await bench.FlushAsync(bench.React(new Reaction(1, post, Liked: true, Version: 2)));
        await bench.FlushAsync(bench.React(new Reaction(1, post, Liked: true, Version: 3)));
        Assert.Equal((1, 1), await StateAsync(bench, post));
    }

    [Fact]
    public async Task Random_toggles_in_random_order_end_where_the_versions_say()
    {
        await using var bench = new FlushBench(servers);
        var post = FlushBench.NewPost();
        var random = new Random(11);
        var newest = new Dictionary<long, Reaction>();
        var envelopes = new List<CounterEnvelope>();
        for (var i = 1; i <= 600; i++)
        {
            var reaction = new Reaction(random.Next(1, 40), post, random.Next(2) == 0, Version: i);
            newest[reaction.User] = reaction;
            envelopes.Add(bench.React(reaction));
        }

        // Shuffled, and every third one comes twice.
        var order = envelopes.Concat(envelopes.Where((_, i) => i % 3 == 0)).ToArray();
        random.Shuffle(order);
        foreach (var batch in order.Chunk(37))
        {
            await bench.FlushAsync(batch);
        }

        var liked = newest.Values.Count(reaction => reaction.Liked);
        Assert.Equal((liked, liked), await StateAsync(bench, post));
    }

    [Fact]
    public async Task A_wrong_guess_of_what_a_like_adds_is_corrected_by_the_flush()
    {
        await using var bench = new FlushBench(servers);
        var post = FlushBench.NewPost();
        var counter = CounterId.Likes(post);
        await bench.LoadAsync(counter);
        var first = bench.React(new Reaction(1, post, Liked: true, Version: 1));
        var repeat = bench.React(new Reaction(1, post, Liked: true, Version: 2));
        await bench.ApplyAsync(first, counter, 1);
        Assert.Equal(2, await bench.ApplyAsync(repeat, counter, 1));

        await bench.FlushAsync(first, repeat);

        Assert.Equal(1, await bench.ShownAsync(counter));
    }

    private static async Task<(long Reactions, long Slots)> StateAsync(FlushBench bench, long post) =>
        (await bench.ReactionsAsync(post), await bench.FlushedAsync(CounterId.Likes(post)));
}
