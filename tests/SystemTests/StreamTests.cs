using System.Net.ServerSentEvents;
using System.Text.Json;
using Floodgate.SystemTests.Running;

namespace Floodgate.SystemTests;

/// <summary>Live updates through the gateway, with the services behind it.</summary>
public sealed class StreamTests(RunningSystem system)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_follower_is_told_of_a_post_of_its_likes_and_of_its_deletion_and_the_session_reads_on_from_there()
    {
        var (ann, bob) = (await system.NewUserAsync(Cancel), await system.NewUserAsync(Cancel));
        await bob.FollowAsync(ann, Cancel);
        using var answer = await bob.OpenAsync("/timeline/stream", Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotEmpty(answer.Headers.GetValues("Floodgate-Reason"));
        await using var events = SseParser.Create(await answer.Content.ReadAsStreamAsync(Cancel)).EnumerateAsync(Cancel).GetAsyncEnumerator(Cancel);
        await NextAsync("ready");

        var post = await ann.PostAsync("hello", Cancel);
        var arrived = await NextAsync("post");
        Assert.Equal((post, ann.Id, "hello"), (arrived.GetProperty("id").GetInt64(), arrived.GetProperty("author").GetInt64(), arrived.GetProperty("text").GetString()));

        // Where CounterService takes its time, they come after the post.
        Assert.Equal((0, false), LikesOf(arrived.TryGetProperty("likes", out _) ? arrived : await NextAsync("likes")));
        Assert.Equal([post], await bob.TimelineAsync(Cancel));

        await ann.LikeAsync(post, Cancel);
        Assert.Equal((1, false), LikesOf(await NextAsync("likes")));
        await bob.LikeAsync(post, Cancel);
        Assert.Equal((2, true), LikesOf(await NextAsync("likes")));

        await ann.CallAsync(HttpMethod.Delete, $"/posts/{post}", null, Cancel);
        Assert.Equal(post, (await NextAsync("gone")).GetProperty("id").GetInt64());
        Assert.Empty(await bob.TimelineAsync(Cancel));

        // A new token goes into the session, as an application would do it.
        async Task<JsonElement> NextAsync(string kind)
        {
            while (true)
            {
                Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(Patience, Cancel), $"The stream ended before '{kind}'.");
                var data = JsonSerializer.Deserialize<JsonElement>(events.Current.Data);
                if (events.Current.EventType == "session")
                {
                    bob.Session = data.GetProperty("token").GetString();
                    continue;
                }

                Assert.True(events.Current.EventType == kind, $"'{events.Current.EventType}' ({data}) came instead of '{kind}'.");
                return data;
            }
        }
    }

    private static (long Likes, bool Liked) LikesOf(JsonElement post) => (post.GetProperty("likes").GetInt64(), post.GetProperty("liked").GetBoolean());
}
