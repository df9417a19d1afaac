using System.Net;
using System.Text;

namespace Floodgate.TimelineTests;

public sealed class ImportTests(Servers servers)
{
    [Fact]
    public async Task An_import_adds_what_is_new_and_forgets_the_timelines_of_the_followers()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = (servers.NewUser(), servers.NewUser());

        Assert.Equal("""{"imported":2,"skipped":1}""", await ImportAsync("users", $"{ann} ann\n{bob} bob\n{ann} again\n"));
        Assert.Equal("""{"imported":0,"skipped":1}""", await ImportAsync("users", $"{ann} other"));
        Assert.Equal("ann", (await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Get, $"/users/{ann}"))).GetProperty("name").GetString());
        var post = await instance.PostAsync(bob);
        Assert.Empty((await instance.PageAsync(ann)).Ids);

        Assert.Equal("""{"imported":1,"skipped":2}""", await ImportAsync("follows", $"{ann} {bob}\n{ann} {bob}\n{ann} {ann}\n"));

        Assert.Equal([post], (await instance.PageAsync(ann)).Ids);
        await instance.DrainAsync();

        async Task<string> ImportAsync(string what, string lines) => await (await SendAsync(instance, what, lines)).EnsureSuccessStatusCode()
            .Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_wrong_line_is_named_and_nothing_is_imported()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, stranger) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(ann);

        await SaysAsync("Line 2 names a user that does not exist.", "follows", $"{ann} {ann}\n{ann} {stranger}\n");
        await SaysAsync("Line 2 is not two ids with a space between.", "follows", $"{ann} {ann}\n{ann} x\n");
        await SaysAsync("Line 3 does not begin with an id and a space.", "users", $"{stranger} a\n\nbob");
        await SaysAsync("Line 1 has no valid name", "users", $"{stranger} {new string('a', 101)}\n");
        Assert.Equal(HttpStatusCode.NotFound, (await instance.SendAsync(HttpMethod.Get, $"/users/{stranger}")).StatusCode);

        async Task SaysAsync(string says, string what, string lines)
        {
            var response = await SendAsync(instance, what, lines);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Contains(says, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private static Task<HttpResponseMessage> SendAsync(TimelineInstance instance, string what, string lines) =>
        instance.Http.PostAsync($"/internal/import/{what}", new StringContent(lines, Encoding.UTF8, "text/plain"), TestContext.Current.CancellationToken);
}
