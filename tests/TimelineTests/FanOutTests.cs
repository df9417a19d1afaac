using System.Text;
using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.TimelineService;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Outbox;
using RabbitMQ.Client;

namespace Floodgate.TimelineTests;

public sealed class FanOutTests(Servers servers)
{
    private const int Followers = 25;

    [Fact]
    public async Task Every_living_timeline_of_a_large_audience_gets_the_post_chunk_by_chunk()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, ("Floodgate:Timelines:ChunkSize", "10"));
        var (author, followers) = await AudienceAsync(instance);
        foreach (var follower in followers[1..])
        {
            await instance.PageAsync(follower);
        }

        var post = await instance.PostAsync(author);
        await instance.DrainAsync();

        foreach (var follower in followers[1..])
        {
            Assert.Equal([post], await instance.StoredAsync(follower));
        }

        Assert.False(await instance.Redis.KeyExistsAsync(TimelineKeys.Of(followers[0])), "A timeline that nobody reads was made.");
    }

    [Fact]
    public async Task A_chunk_that_is_delivered_again_changes_nothing()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false);
        var (author, followers) = await AudienceAsync(instance);
        await instance.PageAsync(author);
        foreach (var follower in followers)
        {
            await instance.PageAsync(follower);
        }

        var post = await instance.PostAsync(author);
        var worker = instance.Get<FanOutWorker>();
        var metrics = instance.Get<TimelineMetrics>();
        var job = new FanOutJob(post, author, await instance.PositionAsync(), After: 0);
        await worker.DoAsync(job with { Until = long.MaxValue }, _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(Followers + 1, metrics.Pushed);

        await worker.DoAsync(job with { Until = long.MaxValue }, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(Followers + 1, metrics.Pushed);
        foreach (var follower in followers)
        {
            Assert.Equal([post], await instance.StoredAsync(follower));
        }

        await DrainByHandAsync(instance);
    }

    [Fact]
    public async Task Of_several_posts_in_one_job_those_that_are_done_or_deleted_are_left_out()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false);
        var (author, followers) = await AudienceAsync(instance);
        await instance.PageAsync(followers[0]);
        var posts = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            posts.Add(await instance.PostAsync(author));
        }

        var worker = instance.Get<FanOutWorker>();
        var metrics = instance.Get<TimelineMetrics>();
        var job = new FanOutJob(posts[0], author, await instance.PositionAsync(), After: 0, Until: long.MaxValue);

        await worker.DoAsync(job.For([posts[0], posts[1]]), _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(2, metrics.Pushed);
        (await instance.SendAsync(HttpMethod.Delete, $"/posts/{posts[3]}", author)).EnsureSuccessStatusCode();

        job = job with { Position = await instance.PositionAsync() };
        await worker.DoAsync(job.For([.. posts]), _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(3, metrics.Pushed);
        Assert.Equal([posts[2], posts[1], posts[0]], await instance.StoredAsync(followers[0]));
        await DrainByHandAsync(instance);
    }

    [Fact]
    public async Task What_is_left_of_a_job_whose_audience_has_grown_has_all_its_posts()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false, ("Floodgate:Timelines:ChunkSize", "10"));
        var (author, followers) = await AudienceAsync(instance);
        await instance.PageAsync(followers[0]);
        var posts = new[] { await instance.PostAsync(author), await instance.PostAsync(author) };
        var worker = instance.Get<FanOutWorker>();
        FanOutJob? left = null;

        await worker.DoAsync(new FanOutJob(0, author, await instance.PositionAsync(), After: 0).For(posts), rest => left = rest, TestContext.Current.CancellationToken);

        Assert.Equal(posts, left?.Posts);
        Assert.Equal(followers[9], left?.Until);
        Assert.Equal([posts[1], posts[0]], await instance.StoredAsync(followers[0]));
        await DrainByHandAsync(instance);
    }

    [Fact]
    public async Task Jobs_that_travel_together_are_each_done_for_their_own_followers_and_a_grown_audience_goes_on_by_itself()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false, ("Floodgate:Timelines:ChunkSize", "10"));
        var (large, many) = await AudienceAsync(instance);
        var (small, few) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(small, few);
        await instance.FollowAsync(few, small);
        await instance.PageAsync(few);
        await instance.PageAsync(many[0]);
        var (one, two) = (await instance.PostAsync(large), await instance.PostAsync(small));
        var position = await instance.PositionAsync();
        var jobs = new FanOutJob(one, large, position, After: 0) { More = [new FanOutJob(two, small, position, After: 0)] }.Apart;

        await instance.Get<FanOutWorker>().DoAsync(jobs, repeated: false, TestContext.Current.CancellationToken);

        Assert.Equal([one], await instance.StoredAsync(many[0]));
        Assert.Equal([two], await instance.StoredAsync(few));
        Assert.Equal([many[9], 0], jobs.Select(job => job.Until));
        await DrainByHandAsync(instance);
    }

    [Fact]
    public async Task Two_instances_relay_and_consume_together_and_every_post_arrives_once()
    {
        await using var one = await TimelineInstance.StartAsync(servers);
        await using var two = await TimelineInstance.StartAsync(servers);
        var (author, followers) = await AudienceAsync(one);
        await one.PageAsync(followers[0]);
        var posts = new List<long>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 60), TestContext.Current.CancellationToken, async (i, _) =>
        {
            var post = await (i % 2 == 0 ? one : two).PostAsync(author);
            lock (posts)
            {
                posts.Add(post);
            }
        });

        await one.DrainAsync();

        posts.Sort((a, b) => b.CompareTo(a));
        Assert.Equal(posts, await one.StoredAsync(followers[0]));
    }

    [Fact]
    public async Task What_is_not_a_job_is_parked_and_the_next_job_is_done()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (author, followers) = await AudienceAsync(instance);
        await instance.PageAsync(followers[0]);
        var factory = new ConnectionFactory { Uri = new Uri(servers.Broker) };
        await using var connection = await factory.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        await channel.QueuePurgeAsync(QueueTopology.FanOutParked, TestContext.Current.CancellationToken);
        await channel.BasicPublishAsync("", QueueTopology.FanOutSmall, "nonsense"u8.ToArray(), TestContext.Current.CancellationToken);

        var post = await instance.PostAsync(author);
        await instance.DrainAsync();

        Assert.Equal([post], await instance.StoredAsync(followers[0]));
        BasicGetResult? parked = null;
        await Eventually.BecomesAsync(async () =>
            (parked = await channel.BasicGetAsync(QueueTopology.FanOutParked, autoAck: true, TestContext.Current.CancellationToken)) is not null);
        Assert.Equal("nonsense", Encoding.UTF8.GetString(parked!.Body.Span));
    }

    [Fact]
    public async Task While_the_broker_is_away_posts_are_taken_and_once_it_is_back_they_arrive()
    {
        var uri = new Uri(servers.Broker);
        await using var gate = new TcpGate(uri.Port);
        await using var instance = await TimelineInstance.StartAsync(
            servers, works: true, ("ConnectionStrings:rabbitmq", new UriBuilder(uri) { Port = gate.Port }.Uri.ToString()), ("Floodgate:Timelines:PublishTimeout", "00:00:01"));
        var (author, followers) = await AudienceAsync(instance);
        await instance.PageAsync(followers[0]);
        var before = await instance.PostAsync(author);
        await instance.DrainAsync();
        gate.Cut();

        var during = await instance.PostAsync(author);
        var more = await instance.PostAsync(author);
        Assert.Equal([before], await instance.StoredAsync(followers[0]));
        Assert.True((await instance.Get<TimelineService.Oracle.BacklogProbe>().OutboxAsync(TestContext.Current.CancellationToken)).Rows >= 2);

        gate.Mend();
        await instance.DrainAsync();
        Assert.Equal([more, during, before], await instance.StoredAsync(followers[0]));
    }

    [Fact]
    public async Task A_broker_that_is_stopped_and_started_again_gets_what_was_posted_meanwhile()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (author, followers) = await AudienceAsync(instance);
        await instance.PageAsync(followers[0]);
        var before = await instance.PostAsync(author);
        await instance.DrainAsync();
        await servers.StopAsync("rabbitmq");

        var during = await instance.PostAsync(author);
        await servers.StartAsync("rabbitmq");
        await instance.DrainAsync();

        Assert.Equal([during, before], await instance.StoredAsync(followers[0]));
    }

    [Fact]
    public async Task A_follow_whose_instance_died_before_it_forgot_the_timeline_takes_effect_all_the_same()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false, ("Floodgate:Timelines:Grace", "00:00:00.300"), ("Floodgate:Timelines:PollInterval", "00:00:00.100"));
        var (author, _) = await AudienceAsync(instance);
        var post = await instance.PostAsync(author);
        var ann = servers.NewUser();
        await instance.CreateUserAsync(ann);
        Assert.Empty((await instance.PageAsync(ann)).Ids);

        await using (var connection = await instance.Get<PostgresNodes>().Primary.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await using var command = new Npgsql.NpgsqlCommand(
                $"INSERT INTO follows (follower, followee) VALUES ({ann}, {author}); INSERT INTO outbox (kind, user_id) VALUES ('follow', {ann})", connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var relay = instance.Get<OutboxRelay>();
        await Eventually.BecomesAsync(async () =>
        {
            await relay.RelayAsync(TestContext.Current.CancellationToken);
            return !await instance.Redis.KeyExistsAsync(TimelineKeys.Of(ann));
        });
        Assert.Equal([post], (await instance.PageAsync(ann)).Ids);
        await DrainByHandAsync(instance);
    }

    // Leaves nothing behind that another test would wait for.
    private async Task DrainByHandAsync(TimelineInstance idle)
    {
        _ = idle;
        await using var working = await TimelineInstance.StartAsync(servers);
        await working.DrainAsync();
    }

    private async Task<(long Author, List<long> Followers)> AudienceAsync(TimelineInstance instance)
    {
        var author = servers.NewUser();
        var followers = Enumerable.Range(0, Followers).Select(_ => servers.NewUser()).ToList();
        await instance.CreateUserAsync([author, .. followers]);
        foreach (var follower in followers)
        {
            await instance.FollowAsync(follower, author);
        }

        return (author, followers);
    }
}
