using System.Net;
using System.Text.Json;
using Floodgate.Sessions;

namespace Floodgate.TimelineTests.Histories;

/// <summary>Makes the requests of a history's users as the router would, each in its user's session.</summary>
internal sealed class HistoryRequests(HistoryWorld world, HistoryModel model)
{
    public Task FollowAsync(Step step) => ChangeAsync(HttpMethod.Put, step, follows: true);

    public Task UnfollowAsync(Step step) => ChangeAsync(HttpMethod.Delete, step, follows: false);

    public async Task PostAsync(Step step, Func<HistoryPost, Task>? afterwards)
    {
        for (var i = 0; i < step.Count; i++)
        {
            var post = model.BeginPost(step.Post + i, step.User);
            var (answer, position) = await SendAsync(HttpMethod.Post, "/posts", step, new { text = post.Text(model.Plan.Seed, 0) });
            model.EndPost(post, answer.GetProperty("id").GetInt64(), position);
            if (afterwards is not null)
            {
                await afterwards(post);
            }
        }
    }

    public async Task EditAsync(Step step)
    {
        var (post, version) = model.With(step.Post, post => (post, post.BeginEdit()), (null!, 0));
        if (post is not null)
        {
            var (_, position) = await SendAsync(HttpMethod.Patch, $"/posts/{post.Id}", step, new { text = post.Text(model.Plan.Seed, version) });
            model.With(step.Post, known => { known.Edited(version, position); return 0; }, 0);
        }
    }

    public async Task DeleteAsync(Step step)
    {
        if (model.With(step.Post, post => { post.DeleteBegan = true; return post.Id; }, 0) is var id and not 0)
        {
            var (_, position) = await SendAsync(HttpMethod.Delete, $"/posts/{id}", step);
            model.With(step.Post, post => { post.DeletedAt = position; return 0; }, 0);
        }
    }

    /// <summary>Reads pages and says what is wrong with them; null: nothing.</summary>
    public async Task<string?> ReadAsync(Step step, List<ShownPost> shown)
    {
        var expectation = model.Expect(step.User);
        string? next = null;
        for (var again = 0; again < 2 && step.Chance % 3 == 0; again++)
        {
            // Who looks at the same page several times is served otherwise.
            await SendAsync(HttpMethod.Get, $"/timeline?limit={step.Count}", step);
        }

        for (var page = 0; page < step.Depth; page++)
        {
            var (answer, _) = await SendAsync(HttpMethod.Get, $"/timeline?limit={step.Count}{(next is null ? "" : $"&before={next}")}", step);
            var items = answer.GetProperty("items");
            shown.AddRange(items.EnumerateArray().Select(
                item => new ShownPost(item.GetProperty("id").GetInt64(), item.GetProperty("author").GetInt64(), item.GetProperty("text").GetString()!)));
            next = answer.GetProperty("next").GetString();
            if (next is null)
            {
                break;
            }

            if (items.GetArrayLength() != step.Count)
            {
                return $"user {step.User} is shown a page of {items.GetArrayLength()} instead of {step.Count} posts that is not the last";
            }
        }

        return model.Judge(expectation, shown, isAll: next is null);
    }

    private async Task ChangeAsync(HttpMethod method, Step step, bool follows)
    {
        var end = model.BeginFollow(step.User, step.Other, follows);
        await SendAsync(method, $"/users/{model.Users[step.User]}/following/{model.Users[step.Other]}", step);
        end();
    }

    // As often as it takes: a server may be away, or the machine be busy. What was sent once has one key, whatever the answers.
    private async Task<(JsonElement Answer, WalPosition Position)> SendAsync(HttpMethod method, string uri, Step step, object? body = null)
    {
        var key = method == HttpMethod.Post ? Guid.NewGuid().ToString("N") : null;
        (JsonElement, WalPosition)? answer = null;
        var repeated = false;
        await Eventually.BecomesAsync(async () =>
        {
            answer = await TrySendAsync(method, uri, step, body, key, repeated);
            repeated = true;
            return answer is not null;
        });
        return answer!.Value;
    }

    private async Task<(JsonElement Answer, WalPosition Position)?> TrySendAsync(
        HttpMethod method, string uri, Step step, object? body, string? key, bool repeated)
    {
        List<(string, string)> headers = [(InternalHeaders.Node, step.Node)];
        if (model.Session(step.User) is var session && session != WalPosition.None)
        {
            headers.Add((InternalHeaders.AtLeast, session.ToString()));
        }

        if (key is not null)
        {
            headers.Add(("Idempotency-Key", key));
        }

        using var response = await world.Any(step.Chance).SendAsync(method, uri, model.Users[step.User], body, [.. headers]);
        if (response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Accepted)
        {
            world.Refused();
            return null;
        }

        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(
            response.IsSuccessStatusCode || (repeated && method == HttpMethod.Delete && response.StatusCode == HttpStatusCode.NotFound),
            $"{method} {uri} gave {(int)response.StatusCode}: {text}");
        var position = response.Headers.TryGetValues(InternalHeaders.Position, out var values) && WalPosition.TryParse(values.Single(), out var at) ? at : WalPosition.None;
        model.Seen(step.User, position);
        return (text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text), position);
    }
}
