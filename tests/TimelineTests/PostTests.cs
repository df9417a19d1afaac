using System.Net;
using System.Text;
using Floodgate.Sessions;
using Floodgate.TimelineService;

namespace Floodgate.TimelineTests;

public sealed class PostTests(Servers servers)
{
    [Fact]
    public async Task Of_two_concurrent_posts_with_one_key_there_is_one_post_and_one_answer()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var user = servers.NewUser();
        await instance.CreateUserAsync(user);
        for (var round = 0; round < 10; round++)
        {
            var key = ("Idempotency-Key", $"key-{round}");
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => instance.SendAsync(HttpMethod.Post, "/posts", user, new { text = "once" }, key)));

            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
            var bodies = await Task.WhenAll(answers.Select(answer => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
            Assert.Single(bodies.Distinct(StringComparer.Ordinal));
        }

        Assert.Equal(10, (await instance.OracleAsync(user)).Count);
        await instance.DrainAsync();
    }

    [Fact]
    public async Task A_key_used_for_another_text_is_a_conflict_and_two_users_may_have_the_same_key()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(ann, bob);
        var key = ("Idempotency-Key", "k");

        Assert.Equal(HttpStatusCode.Created, (await instance.SendAsync(HttpMethod.Post, "/posts", ann, new { text = "a" }, key)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await instance.SendAsync(HttpMethod.Post, "/posts", ann, new { text = "b" }, key)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await instance.SendAsync(HttpMethod.Post, "/posts", bob, new { text = "b" }, key)).StatusCode);
        await instance.DrainAsync();
    }

    [Fact]
    public async Task A_post_is_edited_and_deleted_by_its_author_only_and_deleted_once()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(ann, bob);
        var uri = $"/posts/{await instance.PostAsync(ann)}";

        Assert.Equal(HttpStatusCode.Forbidden, (await instance.SendAsync(HttpMethod.Patch, uri, bob, new { text = "mine" })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await instance.SendAsync(HttpMethod.Delete, uri, bob)).StatusCode);
        var edited = await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Patch, uri, ann, new { text = "better" }));
        Assert.Equal("better", edited.GetProperty("text").GetString());
        Assert.True(edited.GetProperty("editedAt").GetDateTime() >= edited.GetProperty("createdAt").GetDateTime());
        Assert.Equal("better", (await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Get, uri))).GetProperty("text").GetString());

        Assert.Equal(HttpStatusCode.NoContent, (await instance.SendAsync(HttpMethod.Delete, uri, ann)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await instance.SendAsync(HttpMethod.Delete, uri, ann)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await instance.SendAsync(HttpMethod.Patch, uri, ann, new { text = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await instance.SendAsync(HttpMethod.Get, uri)).StatusCode);
        await instance.DrainAsync();
    }

    [Fact]
    public async Task A_post_says_where_it_is_and_a_replica_at_its_position_shows_it()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var ann = servers.NewUser();
        await instance.CreateUserAsync(ann);
        var created = await instance.SendAsync(HttpMethod.Post, "/posts", ann, new { text = string.Concat(Enumerable.Repeat("😀", 5000)) });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var position = Assert.Single(created.Headers.GetValues(InternalHeaders.Position));
        Assert.True(WalPosition.TryParse(position, out _));
        Assert.EndsWith("Z", (await TimelineInstance.JsonAsync(created)).GetProperty("createdAt").GetString(), StringComparison.Ordinal);

        var read = await instance.SendAsync(HttpMethod.Get, created.Headers.Location!.ToString(), ann, null, (InternalHeaders.Node, "replica-2"), (InternalHeaders.AtLeast, position));

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.True(string.CompareOrdinal(Assert.Single(read.Headers.GetValues(InternalHeaders.Position)), position) >= 0);
        Assert.Equal(Degraded.Likes, Assert.Single(read.Headers.GetValues(Degraded.Header)));
        Assert.False((await TimelineInstance.JsonAsync(read)).TryGetProperty("likes", out _));
        await instance.DrainAsync();
    }

    [Fact]
    public async Task A_users_posts_come_in_pages_and_an_unknown_user_has_none()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var ann = servers.NewUser();
        await instance.CreateUserAsync(ann);
        var posts = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            posts.Insert(0, await instance.PostAsync(ann));
        }

        var first = await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Get, $"/users/{ann}/posts?limit=3"));
        var second = await TimelineInstance.JsonAsync(
            await instance.SendAsync(HttpMethod.Get, $"/users/{ann}/posts?limit=3&before={first.GetProperty("next").GetString()}"));

        Assert.Equal(posts, first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).Select(post => post.GetProperty("id").GetInt64()));
        Assert.Null(second.GetProperty("next").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await instance.SendAsync(HttpMethod.Get, $"/users/{servers.NewUser()}/posts")).StatusCode);
        await instance.DrainAsync();
    }

    [Fact]
    public async Task A_user_writes_only_itself_and_follows_are_counted()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(ann, bob);
        Assert.Equal(HttpStatusCode.Forbidden, (await instance.SendAsync(HttpMethod.Put, $"/users/{ann}", bob, new { name = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await instance.SendAsync(HttpMethod.Put, $"/users/{ann}/following/{bob}", bob)).StatusCode);
        await instance.FollowAsync(ann, bob);
        await instance.FollowAsync(ann, bob);

        var user = await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Get, $"/users/{bob}"));
        Assert.Equal((1, 0), (user.GetProperty("followers").GetInt32(), user.GetProperty("following").GetInt32()));

        await instance.UnfollowAsync(ann, bob);
        await instance.UnfollowAsync(ann, bob);
        user = await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Put, $"/users/{bob}", bob, new { name = "Bob" }));
        Assert.Equal(("Bob", 0), (user.GetProperty("name").GetString(), user.GetProperty("followers").GetInt32()));
        Assert.Equal(HttpStatusCode.NotFound, (await instance.SendAsync(HttpMethod.Put, $"/users/{ann}/following/{servers.NewUser()}", ann)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await instance.SendAsync(HttpMethod.Delete, $"/users/{ann}/following/{servers.NewUser()}", ann)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await instance.SendAsync(HttpMethod.Put, $"/users/{ann}/following/{ann}", ann)).StatusCode);
        await instance.DrainAsync();
    }

    [Fact]
    public async Task Bad_input_is_a_problem_that_names_the_field()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var ann = servers.NewUser();
        await instance.CreateUserAsync(ann);

        await IsProblemAsync(HttpStatusCode.BadRequest, "text", await SendTextAsync("""{"text":""}"""));
        await IsProblemAsync(HttpStatusCode.BadRequest, "text", await SendTextAsync("{}"));
        await IsProblemAsync(HttpStatusCode.BadRequest, "text", await SendTextAsync("""{"text":5}"""));
        await IsProblemAsync(HttpStatusCode.BadRequest, "text", await SendTextAsync("""{"text":"\ud800"}"""));
        await IsProblemAsync(HttpStatusCode.BadRequest, "text", await SendTextAsync("""{"text":"a\u0000b"}"""));
        await IsProblemAsync(HttpStatusCode.BadRequest, "text", await SendTextAsync($$"""{"text":"{{new string('a', 5001)}}"}"""));
        await IsProblemAsync(HttpStatusCode.BadRequest, "body", await SendTextAsync("{"));
        await IsProblemAsync(HttpStatusCode.BadRequest, "body", await SendTextAsync("null"));
        await IsProblemAsync(HttpStatusCode.BadRequest, "body", await SendTextAsync(""));
        await IsProblemAsync(HttpStatusCode.UnsupportedMediaType, null, await SendTextAsync("x", "text/plain"));
        await IsProblemAsync(HttpStatusCode.RequestEntityTooLarge, null, await SendTextAsync($$"""{"text":"{{new string('a', 200_000)}}"}"""));
        await IsProblemAsync(HttpStatusCode.BadRequest, "id", await instance.SendAsync(HttpMethod.Get, "/posts/x"));
        await IsProblemAsync(HttpStatusCode.BadRequest, "id", await instance.SendAsync(HttpMethod.Get, "/posts/9007199254740992"));
        await IsProblemAsync(HttpStatusCode.BadRequest, "limit", await instance.SendAsync(HttpMethod.Get, "/timeline?limit=101", ann));
        await IsProblemAsync(HttpStatusCode.BadRequest, "before", await instance.SendAsync(HttpMethod.Get, "/timeline?before=5", ann));
        await IsProblemAsync(HttpStatusCode.BadRequest, "name", await instance.SendAsync(HttpMethod.Put, $"/users/{ann}", ann, new { name = new string('a', 101) }));
        await IsProblemAsync(HttpStatusCode.BadRequest, "Idempotency-Key", await instance.SendAsync(HttpMethod.Post, "/posts", ann, new { text = "a" }, ("Idempotency-Key", "a b")));
        await IsProblemAsync(HttpStatusCode.Unauthorized, null, await instance.SendAsync(HttpMethod.Get, "/timeline"));
        await IsProblemAsync(HttpStatusCode.NotFound, null, await instance.SendAsync(HttpMethod.Get, "/nowhere"));
        var stranger = await instance.SendAsync(HttpMethod.Post, "/posts", servers.NewUser(), new { text = "a" });
        await IsProblemAsync(HttpStatusCode.Conflict, null, stranger);
        Assert.Contains("PUT /users/", await stranger.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        async Task<HttpResponseMessage> SendTextAsync(string body, string type = "application/json")
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/posts") { Content = new StringContent(body, Encoding.UTF8, type) };
            request.Headers.Add(InternalHeaders.User, $"{ann}");
            return await instance.Http.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Without_its_primary_the_service_says_when_to_come_back()
    {
        await using var gate = new TcpGate(new Npgsql.NpgsqlConnectionStringBuilder(servers.Primary).Port);
        var path = new Npgsql.NpgsqlConnectionStringBuilder(servers.Primary) { Port = gate.Port, Timeout = 2 }.ConnectionString;
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, ("ConnectionStrings:floodgate", path), ("Floodgate:Timelines:WhenPrimaryIsDown", "Refuse"));
        var ann = servers.NewUser();
        await instance.CreateUserAsync(ann);
        var post = await instance.PostAsync(ann);
        await instance.DrainAsync();
        gate.Cut();

        var refused = await instance.SendAsync(HttpMethod.Post, "/posts", ann, new { text = "a" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal([post], (await instance.PageAsync(ann, node: "replica-1")).Ids);

        gate.Mend();
        await Eventually.BecomesAsync(async () => (await instance.SendAsync(HttpMethod.Post, "/posts", ann, new { text = "a" })).IsSuccessStatusCode);
        await instance.DrainAsync();
    }

    private static async Task IsProblemAsync(HttpStatusCode status, string? field, HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        if (field is not null)
        {
            Assert.Contains($"\"errors\":{{\"{field}\":", body, StringComparison.Ordinal);
        }
    }
}
