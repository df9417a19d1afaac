using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Floodgate.ReadRouter.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.UnitTests.ReadRouter.Gateway;

/// <summary>The calls that the router answers itself, and those for a developer's machine.</summary>
public sealed class OwnCallsTests : RunningGateway
{
    [Fact]
    public async Task The_status_shows_nodes_and_what_each_instance_says_of_itself()
    {
        Answer = context => context.Response.WriteAsJsonAsync(new { depth = 7 });
        await using var router = await StartRouterAsync("Development", Service.Address, "http://127.0.0.1:1");

        var status = await router.Client.GetFromJsonAsync<JsonElement>("/status", TestContext.Current.CancellationToken);

        Assert.Equal("primary", status.GetProperty("nodes")[0].GetProperty("name").GetString());
        var timeline = status.GetProperty("services").GetProperty("timeline");
        Assert.Equal(7, timeline[0].GetProperty("depth").GetInt32());
        Assert.Equal(JsonValueKind.Null, timeline[1].ValueKind);
    }

    [Fact]
    public async Task In_development_tokens_are_for_the_asking_and_the_services_insides_are_open()
    {
        Answer = context => context.Response.WriteAsJsonAsync(new { messages = 3, outbox = 2 });

        using var answer = await Router.Client.PostAsJsonAsync("/dev/token", new { user = 42 }, TestContext.Current.CancellationToken);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("token").GetString();
        var user = await Router.Services.GetRequiredService<UserTokens>().ReadAsync(token!);
        using var import = await SendAsync(
            HttpMethod.Post, "/dev/import/users", configure: request => request.Content = new ByteArrayContent(new byte[1 << 20]));
        using var oracle = await SendAsync(HttpMethod.Get, "/dev/oracle/timeline/42?limit=5");
        var backlog = await Router.Client.GetFromJsonAsync<JsonElement>("/dev/oracle/backlog", TestContext.Current.CancellationToken);

        Assert.Equal(42, user);
        Assert.Equal(
            ["/internal/import/users", "/internal/oracle/timeline/42?limit=5", "/internal/oracle/backlog", "/internal/oracle/backlog"],
            Received.Select(request => request.Path),
            StringComparer.Ordinal);
        Assert.Equal(6, backlog.GetProperty("messages").GetInt32());
        Assert.Equal(4, backlog.GetProperty("outbox").GetInt32());
    }

    [Theory]
    [InlineData("{\"user\":0}", "user")]
    [InlineData("{\"user\":\"x\"}", "user")]
    [InlineData("{\"user\":9007199254740992}", "user")]
    [InlineData("{}", "body")]
    [InlineData("", "body")]
    public async Task A_token_for_nobody_is_refused(string body, string field)
    {
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var response = await Router.Client.PostAsync("/dev/token", content, TestContext.Current.CancellationToken);

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, field);
    }

    [Theory]
    [InlineData("application/json; charset=+")]
    [InlineData("application/json; charset=klingon")]
    public async Task A_body_of_a_kind_that_nobody_reads_is_refused(string contentType)
    {
        using var content = new ByteArrayContent("{\"user\":42}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var response = await Router.Client.PostAsync("/dev/token", content, TestContext.Current.CancellationToken);

        await AssertProblemAsync(response, HttpStatusCode.UnsupportedMediaType, "body");
    }

    [Fact]
    public async Task In_production_there_are_no_tokens_for_the_asking()
    {
        await using var router = await StartRouterAsync("Production", Service.Address);

        using var token = await router.Client.PostAsJsonAsync("/dev/token", new { user = 42 }, TestContext.Current.CancellationToken);
        using var import = await router.Client.PostAsync("/dev/import/users", null, TestContext.Current.CancellationToken);
        using var backlog = await router.Client.GetAsync("/dev/oracle/backlog", TestContext.Current.CancellationToken);

        Assert.All([token, import, backlog], response => Assert.Equal(HttpStatusCode.NotFound, response.StatusCode));
        Assert.Empty(Received);
    }
}
