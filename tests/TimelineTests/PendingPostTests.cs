using System.Diagnostics;
using System.Net;
using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.PendingPosts;
using Floodgate.TimelineService.Posts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Floodgate.TimelineTests;

public sealed class PendingPostTests(Servers servers)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Posts_taken_while_the_primary_is_stopped_are_published_once_and_in_order_when_it_is_back()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(ann, bob);
        await instance.FollowAsync(bob, ann);
        var before = await instance.PostAsync(ann, "before");
        await instance.PageAsync(bob);
        await instance.DrainAsync();
        await servers.StopAsync("postgres");

        var addresses = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var answer = await PostAsync(instance, ann, $"post {i}", $"key-{i}");
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            Assert.True(Stopwatch.GetElapsedTime(began) < Soon, $"{Stopwatch.GetElapsedTime(began)}");
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Equal("processing", await StatusAsync(instance, ann, AddressOf(answer), "replica-1"));
            addresses.Add(AddressOf(answer));
        }

        // A repeat during the outage is another address of the same post.
        addresses.Add(AddressOf(await PostAsync(instance, ann, "post 7", "key-7")));
        await Eventually.BecomesAsync(async () =>
            (await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Get, "/internal/status"))).GetProperty("pending").GetProperty("depth").GetInt64() == 21);
        await servers.StartAsync("postgres");

        await PublishedAsync(instance, ann, addresses);
        await instance.DrainAsync();
        var ids = new List<long>();
        foreach (var address in addresses)
        {
            var answer = await instance.SendAsync(HttpMethod.Get, address, ann);
            var post = (await TimelineInstance.JsonAsync(answer)).GetProperty("post");
            ids.Add(post.GetProperty("id").GetInt64());
            Assert.Equal($"/posts/{ids[^1]}", answer.Headers.Location?.ToString());
        }

        Assert.Equal(ids[7], ids[20]);
        ids.RemoveAt(20);
        Assert.Equal([.. ids.Order()], ids);
        Assert.Equal([.. ids.AsEnumerable().Reverse(), before], await instance.WalkAsync(bob));
        Assert.Equal(await instance.OracleAsync(bob), await instance.StoredAsync(bob));

        // And a repeat afterwards is the post.
        var repeated = await PostAsync(instance, ann, "post 3", "key-3");
        Assert.Equal(HttpStatusCode.Created, repeated.StatusCode);
        Assert.Equal(ids[3], (await TimelineInstance.JsonAsync(repeated)).GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task A_primary_that_hangs_is_waited_for_a_second_at_most_and_then_not_at_all_for_a_moment()
    {
        await using var cut = await CutOffAsync(("Floodgate:Timelines:Rest", "00:01:00"));
        cut.Primary.Hang();
        await ForgetConnectionsAsync(cut);
        for (var i = 0; i < 2; i++)
        {
            var (slow, answer) = await TimedAsync(() => PostAsync(cut.Instance, cut.User, "a", key: null));
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            Assert.True(slow < Soon, $"{slow}");
        }

        var (quick, _) = await TimedAsync(() => PostAsync(cut.Instance, cut.User, "a", key: null));
        Assert.True(quick < TimeSpan.FromMilliseconds(500), $"{quick}");
        cut.Primary.Mend();
        await Eventually.BecomesAsync(async () => (await PostsOfAsync(cut.User)).Count == 4);
        Assert.Equal(4, (await PostsOfAsync(cut.User)).Count);
    }

    [Fact]
    public async Task A_connection_that_breaks_during_the_write_is_no_matter_with_a_key_and_an_open_question_without()
    {
        await using var cut = await CutOffAsync();
        await using var blocker = await BlockUsersAsync(cut.User);
        var keyed = PostAsync(cut.Instance, cut.User, "keyed", "k");
        var bare = PostAsync(cut.Instance, cut.User, "bare", key: null);
        await Eventually.BecomesAsync(async () => await WaitingForLocksAsync() >= 2);
        cut.Primary.Cut();

        Assert.Equal(HttpStatusCode.Accepted, (await keyed).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await bare).StatusCode);
        Assert.Contains("may have been published", await (await bare).Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        await blocker.DisposeAsync();
        cut.Primary.Mend();
        await PublishedAsync(cut.Instance, cut.User, [AddressOf(await keyed)]);
        Assert.Single(await PostsOfAsync(cut.User), text => text == "keyed");
    }

    [Fact]
    public async Task A_message_delivered_again_after_it_was_published_makes_no_second_post()
    {
        await using var idle = await TimelineInstance.StartAsync(servers, works: false);
        var user = servers.NewUser();
        await idle.CreateUserAsync(user);
        var whole = PostOf(user, "published and written down");
        var half = PostOf(user, "published only");
        await using (var connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync(Cancel))
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
            var deliveries = await ConsumeAsync(channel);
            await idle.Get<PendingPostQueue>().PublishAsync(whole, Cancel);
            await idle.Get<PendingPostQueue>().PublishAsync(half, Cancel);
            await idle.Get<PendingPostPublisher>().PublishAsync([await deliveries.ReadAsync(Cancel)], Cancel);
            Assert.True(PendingPost.TryRead(await deliveries.ReadAsync(Cancel), out var read));
            Assert.Equal(PostOutcome.Done, (await idle.Get<PostStore>().CreateAsync(user, read.Text, read.Key, Cancel)).Outcome);
        }

        // Neither was acknowledged.
        await using var working = await TimelineInstance.StartAsync(servers);
        await PublishedAsync(working, user, [AddressOf(working, whole), AddressOf(working, half)]);
        await working.DrainAsync();
        Assert.Equal(["published only", "published and written down"], await PostsOfAsync(user));
    }

    [Fact]
    public async Task Without_primary_and_broker_the_caller_hears_so_soon()
    {
        var broker = new Uri(servers.Broker);
        await using var gate = new TcpGate(broker.Port);
        await using var cut = await CutOffAsync(
            ("ConnectionStrings:rabbitmq", new UriBuilder(broker) { Port = gate.Port }.Uri.ToString()), ("Floodgate:Timelines:Rest", "00:00:00"));
        cut.Primary.Hang();
        gate.Cut();
        try
        {
            for (var i = 0; i < 2; i++)
            {
                var (duration, answer) = await TimedAsync(() => PostAsync(cut.Instance, cut.User, "a", "k"));
                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
                Assert.NotNull(answer.Headers.RetryAfter);
                Assert.True(duration < TimeSpan.FromSeconds(3), $"{duration}");
            }
        }
        finally
        {
            gate.Mend();
            cut.Primary.Mend();
        }

        await Eventually.BecomesAsync(async () => (await PostAsync(cut.Instance, cut.User, "a", "k")).IsSuccessStatusCode);
        await Eventually.BecomesAsync(async () => (await PostsOfAsync(cut.User)).Count == 1);
    }

    [Fact]
    public async Task By_configuration_a_post_is_refused_while_the_primary_is_away()
    {
        await using var cut = await CutOffAsync(("Floodgate:Timelines:WhenPrimaryIsDown", "Refuse"));
        cut.Primary.Hang();
        await ForgetConnectionsAsync(cut);

        var (duration, answer) = await TimedAsync(() => PostAsync(cut.Instance, cut.User, "a", "k"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.True(duration < Soon, $"{duration}");
        Assert.Contains("was not published", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_address_is_of_its_author_only_and_cannot_be_made_up()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(ann, bob);
        var post = PostOf(ann, "a");
        await instance.Get<PendingPostQueue>().PublishAsync(post, Cancel);
        var address = AddressOf(instance, post);
        await PublishedAsync(instance, ann, [address]);

        Assert.Equal(HttpStatusCode.NotFound, (await instance.SendAsync(HttpMethod.Get, address, bob)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await instance.SendAsync(HttpMethod.Get, address)).StatusCode);
        var cursor = instance.Get<CursorCodec>().Write(new Cursor(1, WalPosition.None), "/timeline");
        var changed = address[..^5] + (address[^5] == 'A' ? 'B' : 'A') + address[^4..];
        foreach (var forged in (string[])[changed, address[..^1], address + "A", $"/posts/pending/{cursor}", $"/posts/pending/{post.Id}", "/posts/pending/%20"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await instance.SendAsync(HttpMethod.Get, forged, ann)).StatusCode);
        }

        await instance.DrainAsync();
    }

    [Fact]
    public async Task What_can_never_be_published_is_refused_with_its_reason_and_what_comes_after_is_published()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, stranger) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(ann);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(instance, ann, "first", "used")).StatusCode);
        var queue = instance.Get<PendingPostQueue>();
        var unknown = PostOf(stranger, "who am I");
        var other = PostOf(ann, "second") with { Key = "used" };
        var good = PostOf(ann, "third");
        await queue.PublishAsync(unknown, Cancel);
        await queue.PublishAsync(other, Cancel);
        await PoisonAsync("nonsense"u8.ToArray());
        await PoisonAsync((PostOf(ann, "x") with { Text = "" }).Write());
        await queue.PublishAsync(good, Cancel);
        await PublishedAsync(instance, ann, [AddressOf(instance, good)]);

        Assert.Equal(Refusal.NoSuchUser, await ReasonAsync(instance, unknown));
        Assert.Equal(Refusal.KeyUsed, await ReasonAsync(instance, other));
        Assert.Equal(["third", "first"], await PostsOfAsync(ann));
        await using var kept = instance.Get<PostgresNodes>().Primary.CreateCommand(
            "SELECT count(*) FROM pending_posts WHERE refusal = 'unreadable' AND user_id IS NULL AND (content = 'nonsense' OR content LIKE '{%')");
        Assert.True((long)(await kept.ExecuteScalarAsync(Cancel))! >= 2);
        await instance.DrainAsync();
    }

    [Fact]
    public async Task A_post_that_the_queue_lost_is_said_to_be_lost()
    {
        await using var instance = await TimelineInstance.StartAsync(
            servers, works: true, ("Floodgate:Timelines:PendingMark", "00:00:00.200"), ("Floodgate:Timelines:PendingTolerance", "00:00:01"), ("Floodgate:Timelines:QueueTimeout", "00:00:00.500"));
        var user = servers.NewUser();
        await instance.CreateUserAsync(user);
        var address = AddressOf(instance, PostOf(user, "never queued"));

        Assert.Equal("processing", await StatusAsync(instance, user, address));
        await Eventually.BecomesAsync(async () => await StatusAsync(instance, user, address) == "lost");
        var old = AddressOf(instance, PostOf(user, "long ago") with { AcceptedAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(2) });
        Assert.Equal(HttpStatusCode.NotFound, (await instance.SendAsync(HttpMethod.Get, old, user)).StatusCode);
        await instance.DrainAsync();
    }

    [Fact]
    public async Task An_Idempotency_Key_is_remembered_as_long_as_a_post_may_wait_that_needs_it()
    {
        await using var idle = await TimelineInstance.StartAsync(servers, works: false);
        var user = servers.NewUser();
        await idle.CreateUserAsync(user);
        var first = await TimelineInstance.JsonAsync(await PostAsync(idle, user, "once", "k"));

        // The key is two days old, and for two days nothing has come out of the queue.
        await RunAsync(idle, $"UPDATE post_requests SET created_at = now() - interval '2 days' WHERE user_id = {user}");
        await RunAsync(idle, "UPDATE pending_horizon SET drained_until = now() - interval '2 days'");
        var waiting = PostOf(user, "once") with { Key = "k" };
        await idle.Get<PendingPostQueue>().PublishAsync(waiting, Cancel);
        var expiry = idle.Get<IEnumerable<IHostedService>>().OfType<PostRequestExpiry>().Single();
        await expiry.ForgetAsync(Cancel);

        await using (var working = await TimelineInstance.StartAsync(servers, works: true, ("Floodgate:Timelines:PendingMark", "00:00:00.200")))
        {
            await PublishedAsync(working, user, [AddressOf(working, waiting)]);
            var ended = await TimelineInstance.JsonAsync(await working.SendAsync(HttpMethod.Get, AddressOf(working, waiting), user));
            Assert.Equal(first.GetProperty("id").GetInt64(), ended.GetProperty("post").GetProperty("id").GetInt64());

            // Then it is drained, and the key may go.
            await Eventually.BecomesAsync(async () =>
            {
                await expiry.ForgetAsync(Cancel);
                return await CountAsync(idle, $"SELECT count(*) FROM post_requests WHERE user_id = {user}") == 0;
            });
            await working.DrainAsync();
        }

        Assert.Equal(["once"], await PostsOfAsync(user));
    }

    private static PendingPost PostOf(long user, string text)
    {
        var now = TimeProvider.System.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        return new PendingPost(id, user, text, PendingPost.KeyOf(id), now, TraceParent: null);
    }

    private static string AddressOf(TimelineInstance instance, PendingPost post) =>
        "/posts/pending/" + instance.Get<PendingPostCodec>().Write(new PendingPostId(post.User, post.Id, post.AcceptedAt));

    private static string AddressOf(HttpResponseMessage accepted)
    {
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        return accepted.Headers.Location!.ToString();
    }

    private static Task<HttpResponseMessage> PostAsync(TimelineInstance instance, long user, string text, string? key) =>
        instance.SendAsync(HttpMethod.Post, "/posts", user, new { text }, key is null ? [] : [("Idempotency-Key", key)]);

    private static async Task<string?> StatusAsync(TimelineInstance instance, long user, string address, string? node = null)
    {
        var answer = await instance.SendAsync(HttpMethod.Get, address, user, body: null, node is null ? [] : [(InternalHeaders.Node, node)]);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(node ?? PostgresNodes.FirstPrimary, answer.Headers.GetValues(InternalHeaders.Node).Single());
        var status = (await TimelineInstance.JsonAsync(answer)).GetProperty("status").GetString();
        Assert.Equal(status == "processing", answer.Headers.RetryAfter is not null);
        return status;
    }

    private static async Task PublishedAsync(TimelineInstance instance, long user, IReadOnlyList<string> addresses)
    {
        foreach (var address in addresses)
        {
            await Eventually.BecomesAsync(async () =>
            {
                var answer = await instance.SendAsync(HttpMethod.Get, address, user);
                return answer.IsSuccessStatusCode && (await TimelineInstance.JsonAsync(answer)).GetProperty("status").GetString() == "published";
            });
        }
    }

    private static async Task<string?> ReasonAsync(TimelineInstance instance, PendingPost post)
    {
        var answer = await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Get, AddressOf(instance, post), post.User));
        Assert.Equal("refused", answer.GetProperty("status").GetString());
        return answer.GetProperty("reason").GetString();
    }

    private static async Task<(TimeSpan Duration, T Value)> TimedAsync<T>(Func<Task<T>> call)
    {
        var began = Stopwatch.GetTimestamp();
        var value = await call();
        return (Stopwatch.GetElapsedTime(began), value);
    }

    private static async Task<System.Threading.Channels.ChannelReader<byte[]>> ConsumeAsync(IChannel channel)
    {
        var bodies = System.Threading.Channels.Channel.CreateUnbounded<byte[]>();
        await QueueTopology.DeclarePendingPostsAsync(channel, Cancel);
        await channel.BasicQosAsync(0, 10, global: false, Cancel);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) => await bodies.Writer.WriteAsync(delivery.Body.ToArray());
        await channel.BasicConsumeAsync(QueueTopology.PostsPending, autoAck: false, consumer, Cancel);
        return bodies.Reader;
    }

    // Until the pool has noticed that its connections are broken, an outcome is unknown.
    private static async Task ForgetConnectionsAsync(CutOff cut)
    {
        HttpResponseMessage answer;
        do
        {
            answer = await PostAsync(cut.Instance, cut.User, "unknown", key: null);
        }
        while ((await answer.Content.ReadAsStringAsync(Cancel)).Contains("may have been", StringComparison.Ordinal));
    }

    private async Task PoisonAsync(byte[] body)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync(Cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.BasicPublishAsync("", QueueTopology.PostsPending, body, Cancel);
        await channel.CloseAsync(Cancel);
    }

    /// <summary>The texts of a user's posts, newest first, from the primary.</summary>
    private async Task<List<string>> PostsOfAsync(long user)
    {
        await using var connection = new NpgsqlConnection(servers.Primary + ";Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand($"SELECT text FROM posts WHERE author = {user} ORDER BY id DESC", connection);
        await using var row = await command.ExecuteReaderAsync(Cancel);
        var texts = new List<string>();
        while (await row.ReadAsync(Cancel))
        {
            texts.Add(row.GetString(0));
        }

        return texts;
    }

    private static async Task RunAsync(TimelineInstance instance, string sql)
    {
        await using var command = instance.Get<PostgresNodes>().Primary.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<long> CountAsync(TimelineInstance instance, string sql)
    {
        await using var command = instance.Get<PostgresNodes>().Primary.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    // A post of the user waits for this row's lock, inside its statement.
    private async Task<NpgsqlConnection> BlockUsersAsync(long user)
    {
        var connection = new NpgsqlConnection(servers.Primary + ";Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand($"BEGIN; SELECT 1 FROM users WHERE id = {user} FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync(Cancel);
        return connection;
    }

    private async Task<long> WaitingForLocksAsync()
    {
        await using var connection = new NpgsqlConnection(servers.Primary + ";Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'", connection);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private async Task<CutOff> CutOffAsync(params (string Name, string Value)[] settings)
    {
        var gate = new TcpGate(new NpgsqlConnectionStringBuilder(servers.Primary).Port);
        var path = new NpgsqlConnectionStringBuilder(servers.Primary) { Port = gate.Port }.ConnectionString;
        var instance = await TimelineInstance.StartAsync(servers, works: true, [("ConnectionStrings:floodgate", path), .. settings]);
        var user = servers.NewUser();
        await instance.CreateUserAsync(user);
        return new CutOff(gate, instance, user);
    }

    /// <summary>An instance whose way to the primary can be cut, and a user.</summary>
    private sealed record CutOff(TcpGate Primary, TimelineInstance Instance, long User) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Primary.Mend();
            try
            {
                await Instance.DrainAsync();
            }
            finally
            {
                await Instance.DisposeAsync();
                await Primary.DisposeAsync();
            }
        }
    }
}
