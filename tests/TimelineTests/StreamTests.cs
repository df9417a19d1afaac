using System.Net;
using System.Net.Sockets;
using System.Text;
using Floodgate.Sessions;
using Floodgate.TimelineService.Streaming;
using Npgsql;

namespace Floodgate.TimelineTests;

/// <summary><c>GET /timeline/stream</c>, without CounterService: likes are tested where the whole system runs.</summary>
public sealed class StreamTests(Servers servers, StreamTests.Running running) : IClassFixture<StreamTests.Running>
{
    private static readonly (string, string) Often = ("Floodgate:Timelines:Stream:Interval", "00:00:00.050");

    // There is no CounterService here, which is not to be waited for.
    private static readonly (string, string) WithoutLikes = ("Floodgate:Timelines:LikesTimeout", "00:00:00.020");

    private TimelineInstance Instance => running.Instance;

    [Fact]
    public async Task A_new_post_arrives_once_and_as_a_page_shows_it()
    {
        var (ann, bob) = await FollowingAsync();
        var old = await Instance.PostAsync(bob);
        await Instance.DrainAsync();
        var (stream, onScreen) = await EventStream.ReadyAsync(Instance, ann);
        await using var _ = stream;
        Assert.Equal([old], onScreen);
        Assert.InRange(stream.Retry, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));

        var first = await Instance.PostAsync(bob, "über 'quotes' \"and\"\r\nlines, 😀");
        var arrived = await stream.NextAsync("post");
        Assert.Equal(first, arrived.GetProperty("id").GetInt64());
        var page = await TimelineInstance.JsonAsync(await Instance.SendAsync(HttpMethod.Get, "/timeline?limit=1", ann));
        Assert.Equal(page.GetProperty("items")[0].GetRawText(), arrived.GetRawText());

        // Whatever came twice would come before the next.
        var own = await Instance.PostAsync(ann);
        Assert.Equal(own, await stream.NextIdAsync("post"));
        var last = await Instance.PostAsync(bob);
        Assert.Equal(last, await stream.NextIdAsync("post"));
    }

    [Fact]
    public async Task A_client_that_comes_back_gets_what_it_missed_in_order_and_nothing_else()
    {
        var (ann, bob) = await FollowingAsync();
        await Instance.PostAsync(bob);
        await Instance.DrainAsync();
        string id;
        var (before, _) = await EventStream.ReadyAsync(Instance, ann, "?limit=2");
        await using (before)
        {
            await Instance.PostAsync(bob);
            await before.NextAsync("post");
            id = before.LastId;
        }

        long[] missed = [await Instance.PostAsync(bob), await Instance.PostAsync(ann), await Instance.PostAsync(bob), await Instance.PostAsync(bob)];
        await Instance.DrainAsync();

        await using (var after = await EventStream.OpenAsync(Instance, ann, id, "?limit=2&lastEventId=old"))
        {
            foreach (var post in missed[..^1])
            {
                Assert.Equal(post, await after.NextIdAsync("post"));
            }

            // It is cut off in the middle, and goes on there.
            id = after.LastId;
        }

        await using (var again = await EventStream.OpenAsync(Instance, ann, query: "?limit=2&lastEventId=" + id))
        {
            Assert.Equal(missed[^1], await again.NextIdAsync("post"));
            Assert.Equal([missed[^1], missed[^2]], (await again.NextAsync("ready")).GetProperty("ids").EnumerateArray().Select(post => post.GetInt64()));
            id = again.LastId;
        }

        await using var level = await EventStream.OpenAsync(Instance, ann, id, "?limit=2");
        await level.NextAsync("ready");
    }

    [Fact]
    public async Task Older_posts_that_arrive_after_newer_ones_are_told_at_once_and_to_who_comes_back()
    {
        var (ann, bob) = await FollowingAsync();
        var carol = servers.NewUser();
        await Instance.CreateUserAsync(carol);
        var (stream, _) = await EventStream.ReadyAsync(Instance, ann);
        await using var __ = stream;
        var late = await Instance.PostAsync(carol);
        var newer = await Instance.PostAsync(bob);
        Assert.Equal(newer, await stream.NextIdAsync("post"));
        var id = stream.LastId;

        await Instance.FollowAsync(ann, carol);

        Assert.Equal(late, await stream.NextIdAsync("post"));
        await using (var back = await EventStream.OpenAsync(Instance, ann, id))
        {
            Assert.Equal([late, newer], [await back.NextIdAsync("post"), await back.NextIdAsync("post")]);
            await back.NextAsync("ready");
        }

        await using var level = await EventStream.OpenAsync(Instance, ann, stream.LastId);
        await level.NextAsync("ready");
    }

    [Fact]
    public async Task Who_looks_at_a_post_is_told_of_its_edit_its_deletion_and_the_unfollow_of_its_author()
    {
        var (ann, bob) = await FollowingAsync();
        var below = await Instance.PostAsync(bob);
        var (deleted, kept) = (await Instance.PostAsync(bob), await Instance.PostAsync(bob));
        await Instance.DrainAsync();
        var (stream, onScreen) = await EventStream.ReadyAsync(Instance, ann, "?limit=2");
        await using var _ = stream;
        Assert.Equal([kept, deleted], onScreen);

        (await Instance.SendAsync(HttpMethod.Patch, $"/posts/{kept}", bob, new { text = "edited" })).EnsureSuccessStatusCode();
        var edited = await stream.NextAsync("edit");
        Assert.Equal((kept, "edited"), (edited.GetProperty("id").GetInt64(), edited.GetProperty("text").GetString()));

        (await Instance.SendAsync(HttpMethod.Delete, $"/posts/{deleted}", bob)).EnsureSuccessStatusCode();
        Assert.Equal(deleted, await stream.NextIdAsync("gone"));

        // The post that moves up is old: the next news is the unfollow.
        await Instance.UnfollowAsync(ann, bob);
        Assert.Equal(kept, await stream.NextIdAsync("gone"));
        var own = await Instance.PostAsync(ann);
        Assert.Equal(own, await stream.NextIdAsync("post"));
        Assert.NotEqual(own, below);
    }

    [Fact]
    public async Task A_session_event_comes_before_what_was_read_further_on()
    {
        var (ann, bob) = await FollowingAsync();
        var (stream, _) = await EventStream.ReadyAsync(Instance, ann);
        await using var __ = stream;

        var response = await Instance.SendAsync(HttpMethod.Post, "/posts", bob, new { text = "text" });

        var token = Instance.Get<SessionTokenCodec>().Read((await stream.NextAsync("session")).GetProperty("token").GetString());
        Assert.True(WalPosition.TryParse(response.Headers.GetValues(InternalHeaders.Position).Single(), out var written));
        Assert.NotNull(token);
        Assert.True(token.Position >= written, $"The token is at {token.Position}, the post at {written}.");
        await stream.NextAsync("post");
    }

    [Fact]
    public async Task Who_missed_too_much_is_told_to_load_anew_and_goes_on_from_there()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false, Often, WithoutLikes, ("Floodgate:Timelines:Stream:MaximumReplay", "2"));
        var (ann, _) = await FollowingAsync();
        var (before, _) = await EventStream.ReadyAsync(instance, ann);
        await using (before)
        {
            for (var i = 0; i < 3; i++)
            {
                await Instance.PostAsync(ann);
            }
        }

        await using var stream = await EventStream.OpenAsync(instance, ann, before.LastId);
        Assert.Equal(2, (await stream.NextAsync("reset")).GetProperty("moreThan").GetInt32());
        Assert.Equal(3, (await stream.NextAsync("ready")).GetProperty("ids").GetArrayLength());
        var next = await Instance.PostAsync(ann);
        Assert.Equal(next, await stream.NextIdAsync("post"));
    }

    [Fact]
    public async Task A_stream_ends_whole_when_its_time_is_up_and_when_the_service_stops()
    {
        var instance = await TimelineInstance.StartAsync(
            servers, works: false, Often, WithoutLikes, ("Floodgate:Timelines:Stream:Lifetime", "00:00:00.500"), ("Floodgate:Timelines:Stream:Heartbeat", "00:00:00.100"));
        var (ann, _) = await FollowingAsync();
        using (var response = await EventStream.RequestAsync(instance, ann))
        {
            // Nothing happens, so beyond the first there are heartbeats alone. An end that is not whole would throw.
            var lines = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n');
            Assert.InRange(lines.Count(line => line == ":"), 3, 6);
        }

        await instance.DisposeAsync();
        instance = await TimelineInstance.StartAsync(servers, works: false, Often, WithoutLikes);
        var (stream, _) = await EventStream.ReadyAsync(instance, ann);
        await using var __ = stream;
        var end = stream.EndAsync();
        await instance.DisposeAsync();
        await end;
    }

    [Fact]
    public async Task While_no_node_answers_a_stream_waits_and_then_goes_on()
    {
        var gates = new[] { servers.Primary, servers.Replicas[0], servers.Replicas[1] }
            .Select(connection => (Connection: new NpgsqlConnectionStringBuilder(connection), Gate: new TcpGate(new NpgsqlConnectionStringBuilder(connection).Port))).ToList();
        try
        {
            var through = gates.Select(gate => new NpgsqlConnectionStringBuilder(gate.Connection.ConnectionString) { Port = gate.Gate.Port }.ConnectionString).ToList();
            await using var instance = await TimelineInstance.StartAsync(
                servers, works: false, Often, WithoutLikes, ("ConnectionStrings:floodgate", through[0]), ("ConnectionStrings:replica-1", through[1]), ("ConnectionStrings:replica-2", through[2]));
            var (ann, bob) = await FollowingAsync();

            // Past the caches every look is a query.
            await using var stream = await EventStream.OpenAsync(instance, ann, headers: (InternalHeaders.PastCaches, "1"));
            await stream.NextAsync("ready");
            gates.ForEach(gate => gate.Gate.Cut());
            var post = await Instance.PostAsync(bob);
            await Instance.DrainAsync();
            using var refused = await EventStream.RequestAsync(instance, ann, headers: (InternalHeaders.PastCaches, "1"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal(1, instance.Get<StreamSlots>().Open);

            gates.ForEach(gate => gate.Gate.Mend());
            Assert.Equal(post, await stream.NextIdAsync("post"));
        }
        finally
        {
            foreach (var (_, gate) in gates)
            {
                await gate.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_dropped()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false, Often, WithoutLikes, ("Floodgate:Timelines:Stream:WriteTimeout", "00:00:00.500"));
        var (ann, bob) = await FollowingAsync();
        await using (var source = NpgsqlDataSource.Create(servers.Primary))
        {
            // 200 posts of 20 kB: more than what the connection holds on its way.
            await using var insert = source.CreateCommand($"INSERT INTO posts (author, text) SELECT {bob}, repeat('😀', 5000) FROM generate_series(1, 200)");
            await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var start = instance.Get<StreamPlaceCodec>().Write(default);
        using var slow = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
        await slow.ConnectAsync(instance.Http.BaseAddress!.Host, instance.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
        await slow.SendAsync(
            Encoding.ASCII.GetBytes($"GET /timeline/stream?lastEventId={start} HTTP/1.1\r\nHost: localhost\r\n{InternalHeaders.User}: {ann}\r\n\r\n"),
            TestContext.Current.CancellationToken);

        await Eventually.BecomesAsync(() => Task.FromResult(instance.Get<StreamMetrics>().Dropped == 1));
        await Eventually.BecomesAsync(() => Task.FromResult(instance.Get<StreamSlots>().Open == 0));
        var status = (await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Get, "/internal/status"))).GetProperty("streams");
        Assert.Equal((0, 1), (status.GetProperty("open").GetInt32(), status.GetProperty("dropped").GetInt32()));
        Assert.InRange(status.GetProperty("sent").GetInt64(), 1, 199);
    }

    [Fact]
    public async Task More_streams_than_there_may_be_are_refused_until_one_ends()
    {
        await using var instance = await TimelineInstance.StartAsync(
            servers, works: false, Often, WithoutLikes, ("Floodgate:Timelines:Stream:StreamsPerUser", "1"), ("Floodgate:Timelines:Stream:MaximumStreams", "2"));
        var (ann, bob) = await FollowingAsync();
        var (first, _) = await EventStream.ReadyAsync(instance, ann);
        await using var second = await EventStream.OpenAsync(instance, bob);

        using var another = await EventStream.RequestAsync(instance, ann);
        using var third = await EventStream.RequestAsync(instance, servers.NewUser());

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable), (another.StatusCode, third.StatusCode));
        Assert.All([another, third], refused => Assert.NotNull(refused.Headers.RetryAfter));
        await first.DisposeAsync();
        await Eventually.BecomesAsync(async () =>
        {
            using var again = await EventStream.RequestAsync(instance, ann);
            return again.IsSuccessStatusCode;
        });
    }

    [Fact]
    public async Task A_forged_id_and_a_wrong_limit_are_named()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false);
        var ann = servers.NewUser();
        var cursor = instance.Get<CursorCodec>().Write(new Cursor(1, WalPosition.None), $"/timeline {ann}");
        foreach (var (query, id, field) in new[]
        {
            ("", "x", "Last-Event-ID"), ("", cursor, "Last-Event-ID"), ("?lastEventId=x", null, "Last-Event-ID"),
            ("?limit=0", null, "limit"), ("?limit=101", null, "limit"), ("?limit=x", null, "limit"),
        })
        {
            using var response = await EventStream.RequestAsync(instance, ann, id, query);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.True((await TimelineInstance.JsonAsync(response)).GetProperty("errors").TryGetProperty(field, out _));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await instance.SendAsync(HttpMethod.Get, "/timeline/stream")).StatusCode);
    }

    // Ann follows Bob.
    private async Task<(long Ann, long Bob)> FollowingAsync()
    {
        var (ann, bob) = (servers.NewUser(), servers.NewUser());
        await Instance.CreateUserAsync(ann, bob);
        await Instance.FollowAsync(ann, bob);
        return (ann, bob);
    }

    /// <summary>An instance for the tests that need no settings of their own.</summary>
    public sealed class Running(Servers servers) : IAsyncLifetime
    {
        private TimelineInstance? _instance;

        internal TimelineInstance Instance => _instance ?? throw new InvalidOperationException("It is not started.");

        public async ValueTask InitializeAsync() => _instance = await TimelineInstance.StartAsync(servers, works: true, Often, WithoutLikes);

        public async ValueTask DisposeAsync()
        {
            if (_instance is { } instance)
            {
                await instance.DisposeAsync();
            }
        }
    }
}
