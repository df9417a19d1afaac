using Floodgate.Sessions;
using Floodgate.TimelineService.Posts;
using Floodgate.TimelineService.Streaming;

namespace Floodgate.UnitTests.Timelines;

public sealed class ScreenTests
{
    private const int Limit = 3;
    private const long Second = 1000L << 12;
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_post_that_moves_up_for_another_that_went_is_no_news_and_one_that_comes_back_is()
    {
        var screen = new Screen(Limit, Overlap);
        screen.Begin(Page([9, 8, 7], below: 6), upTo: long.MaxValue);

        var (arrived, gone) = screen.Compare(Page([9, 7, 6], below: 5));
        Assert.Empty(arrived);
        Assert.Equal([8], gone);
        screen.Forget(8);

        (arrived, gone) = screen.Compare(Page([9, 8, 7], below: 6));
        Assert.Equal([8], arrived.Select(post => post.Id));
        Assert.Empty(gone);
    }

    [Fact]
    public void The_screen_is_the_newest_posts_and_what_left_it_is_not_missed()
    {
        var screen = new Screen(Limit, TimeSpan.Zero);
        screen.Begin(Page([3, 2, 1]), upTo: long.MaxValue);

        var (arrived, gone) = screen.Compare(Page([5, 4, 3], below: 2));

        Assert.Equal([4, 5], arrived.Select(post => post.Id));
        Assert.Empty(gone);
        screen.Show(4);
        screen.Show(5);
        Assert.Equal([3, 4, 5], screen.OnScreen.ToArray());
    }

    [Fact]
    public void A_look_goes_down_to_the_end_of_the_screen_and_of_the_overlap_but_not_below_where_the_stream_began()
    {
        var screen = new Screen(Limit, Overlap);
        screen.Begin(Page([100 * Second, 99 * Second, 98 * Second], below: 40 * Second), upTo: long.MaxValue);
        Assert.Equal(70 * Second, screen.ReadDownTo);

        screen.Begin(Page([100 * Second, 60 * Second, 50 * Second], below: 40 * Second), upTo: long.MaxValue);
        Assert.Equal((50 * Second) - 1, screen.ReadDownTo);

        screen.Begin(Page([100 * Second, 99 * Second, 98 * Second], below: 97 * Second), upTo: long.MaxValue);
        Assert.Equal(97 * Second, screen.ReadDownTo);

        screen.Begin(Page([]), upTo: long.MaxValue);
        Assert.Equal(0, screen.ReadDownTo);
    }

    // A timeline in which posts appear out of order and go, a client that is cut off at any event and comes back: it ends with what is there.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_client_ends_with_what_is_there_whatever_happens_and_is_told_nothing_twice_while_it_is_connected(int seed)
    {
        var random = new Random(seed);
        for (var history = 0; history < 300; history++)
        {
            var timeline = new SortedSet<long>();
            var written = new List<long>();
            var client = new HashSet<long>();
            var screen = new Screen(Limit, Overlap);
            screen.Begin(Find(timeline, long.MaxValue), long.MaxValue);
            var (now, returns) = (1000L, 0);
            for (var step = 0; step < 30; step++)
            {
                now += random.Next(5);
                switch (random.Next(4))
                {
                    case 0:
                        written.Add((now * Second) + step);
                        break;
                    case 1 when written.Count > 0: // Fan-out brings them in any order.
                        var late = random.Next(written.Count);
                        timeline.Add(written[late]);
                        written.RemoveAt(late);
                        break;
                    case 2 when timeline.Count > 0 && random.Next(3) == 0:
                        timeline.Remove(timeline.ElementAt(random.Next(timeline.Count)));
                        break;
                }

                if (random.Next(2) == 0)
                    Tell(random.Next(4));
            }

            timeline.UnionWith(written);
            Tell(int.MaxValue);
            var screenful = timeline.Reverse().Take(Limit).Where(id => id > screen.Floor);
            Assert.Subset(client, screenful.ToHashSet());
            Assert.Equal(screenful.Reverse(), screen.OnScreen.ToArray());

            // Sends some of what there is to tell; then the client is cut off, and comes back with the last id it got.
            void Tell(int most)
            {
                var place = screen.PlaceAt(WalPosition.None);
                var (arrived, gone) = screen.Compare(Find(timeline, screen.ReadDownTo));
                foreach (var id in gone)
                {
                    screen.Forget(id);
                    client.Remove(id);
                    place = screen.PlaceAt(WalPosition.None);
                }

                foreach (var post in arrived.Take(most))
                {
                    Assert.True(client.Add(post.Id) || returns > 0, $"Seed {seed}, history {history}: {post.Id} was told twice.");
                    screen.Show(post.Id);
                    place = screen.PlaceAt(WalPosition.None);
                }

                if (arrived.Count > most)
                {
                    returns++;
                    screen = new Screen(Limit, Overlap);
                    var found = Find(timeline, place.From);
                    screen.Begin(found, Screen.HasUpTo(place, found));
                }
            }
        }
    }

    [Fact]
    public void Who_comes_back_and_finds_the_same_posts_is_not_sent_them_again()
    {
        var screen = new Screen(Limit, Overlap);
        screen.Begin(Page([9, 8, 7], below: 6), upTo: long.MaxValue);
        var place = screen.PlaceAt(WalPosition.None);

        Assert.Equal(9, Screen.HasUpTo(place, Page([11, 10, 9, 8, 7], below: 6)));
        Assert.Equal(place.From, Screen.HasUpTo(place, Page([11, 10, 9, 7], below: 6)));
        Assert.Equal(place.From, Screen.HasUpTo(place, Page([11, 10, 9], below: 8)));
    }

    private static NewestPage Find(SortedSet<long> timeline, long downTo)
    {
        var newest = timeline.Reverse().ToList();
        var count = Math.Max(newest.Count(id => id > downTo), Limit);
        return Page([.. newest.Take(count)], newest.Count > count ? newest[count] : 0);
    }

    private static NewestPage Page(long[] ids, long below = 0) =>
        new([.. ids.Select(id => new Post(id, 1, "text", DateTime.UnixEpoch, null))], below, WithoutRedis: false);
}
