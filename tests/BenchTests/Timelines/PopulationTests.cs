using Floodgate.Bench.Timelines;

namespace Floodgate.BenchTests.Timelines;

public sealed class PopulationTests
{
    private readonly Population _population = new(readers: 20, largest: 100_000, seed: 1);

    [Fact]
    public void Each_pusher_has_as_many_followers_as_its_size_says_and_each_of_the_crowd_follows_one_of_each_size()
    {
        var follows = Population.PusherFollows().ToList();

        foreach (var size in Population.PushedSizes)
        {
            var pushers = Population.PushersOf(size).ToHashSet();
            var ofSize = follows.Where(follow => pushers.Contains(follow.Followee)).ToList();
            Assert.All(ofSize.CountBy(follow => follow.Followee), pusher => Assert.Equal(size, pusher.Value));
            Assert.Equal(Population.Crowd, ofSize.Select(follow => follow.Follower).Distinct().Count());
        }
    }

    [Fact]
    public void Audiences_grow_tenfold_and_each_has_its_own_author()
    {
        Assert.Equal([10, 100, 1000, 10_000, 100_000], _population.Audiences);

        var counts = _population.AudienceFollows().CountBy(follow => follow.Followee).Select(author => author.Value).Order();
        Assert.Equal(_population.Audiences, counts);
        Assert.Equal(90_000, _population.Distant.Count());
    }

    [Fact]
    public void A_reader_follows_some_of_the_famous_and_the_same_authors_again_with_the_same_seed()
    {
        foreach (var reader in _population.Readers)
        {
            var followees = _population.FolloweesOf(reader);

            Assert.Equal(Population.Followees, followees.Distinct().Count());
            Assert.Equal(followees.Order(), followees);
            Assert.Equal(Population.FamousFollowees, followees.Count(author => author <= Population.Famous));
            Assert.Equal(followees, new Population(readers: 20, largest: 10, seed: 1).FolloweesOf(reader));
            Assert.NotEqual(followees, new Population(readers: 20, largest: 10, seed: 2).FolloweesOf(reader));
        }
    }

    [Fact]
    public void A_readers_timeline_holds_the_newest_posts_of_those_it_follows_who_are_not_merged()
    {
        var reader = _population.Readers.First();
        var posts = new PostIds(DateTimeOffset.UnixEpoch.AddYears(60)).Spread(Population.Authors * Population.PostsPerAuthor, TimeSpan.FromSeconds(1));
        var authors = posts.Select((id, post) => (id, Author: Population.AuthorOf(post))).ToDictionary(post => post.id, post => post.Author);

        var timeline = _population.TimelineOf(reader, posts);

        Assert.Equal(800, timeline.Count);
        Assert.Equal(timeline.OrderDescending(), timeline);
        Assert.All(timeline, id => Assert.Contains(authors[id], _population.FolloweesOf(reader)));
        Assert.DoesNotContain(timeline, id => authors[id] <= Population.Famous);
    }

    [Fact]
    public void Ids_of_posts_fall_and_are_never_given_twice()
    {
        var ids = new PostIds(DateTimeOffset.UnixEpoch.AddYears(60));

        var first = ids.Spread(5000, TimeSpan.FromMilliseconds(1));
        var second = ids.Spread(10, TimeSpan.FromMilliseconds(1));

        Assert.Equal(first.Distinct().OrderDescending(), first);
        Assert.True(second[^1] > first[0]);
        Assert.True(ids.Next() > second[0]);
    }
}
