using System.Globalization;
using System.Text.Json;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Replay;

/// <summary>Carries out the actions of a plan and remembers what the gateway said.</summary>
/// <param name="plan">The plan.</param>
/// <param name="run">Distinguishes this run's idempotency keys from those of any other.</param>
/// <param name="client">The gateway.</param>
/// <param name="sessions">The users' sessions.</param>
/// <param name="ownReads">The checks after a write.</param>
internal sealed class ActionRunner(ReplayPlan plan, string run, GatewayClient client, SessionDirectory sessions, OwnReads ownReads)
{
    private readonly long[] _postIds = new long[plan.Actions.Count];
    private long _skipped;

    /// <summary>What is known of the likes.</summary>
    public LikeLedger Likes { get; } = new(plan);

    /// <summary>The id of the post that each action made; 0 where none was acknowledged.</summary>
    public IReadOnlyList<long> PostIds => _postIds;

    /// <summary>Actions that could not be tried: no token, or a like whose post was not acknowledged.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Does the action with this index.</summary>
    public async Task PerformAsync(int index, CancellationToken cancellation)
    {
        var action = plan.Actions[index];
        var post = action.Kind == ActionKind.Like ? _postIds[action.Target] : 0;
        var session = action.Kind == ActionKind.Like && post == 0 ? null : await sessions.OpenAsync(action.User, cancellation);
        if (session is null) Interlocked.Increment(ref _skipped);
        else if (action.Kind == ActionKind.Post) await PostAsync(index, action, session, cancellation);
        else await LikeAsync(action, session, post, cancellation);
    }

    private async Task PostAsync(int index, ReplayAction action, UserSession session, CancellationToken cancellation)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"User {session.User} has something to say, {action.Due} seconds into the event.");
        var call = new GatewayCall(CallKind.Post, HttpMethod.Post, "/posts")
        {
            Session = session,
            Body = JsonSerializer.SerializeToUtf8Bytes(new PostRequest(text), GatewayJson.Default.PostRequest),
            IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{run}-{index}"),
        };
        var answer = await client.CallAsync(call, GatewayJson.Default.PostAnswer, cancellation);
        if (answer.Value is null) return;

        _postIds[index] = answer.Value.Id;
        if (!action.Checked) return;
        await ownReads.CheckPostAsync(session, answer.Value.Id, cancellation);
        await ownReads.CheckKeptAsync(session, cancellation);
    }

    private async Task LikeAsync(ReplayAction action, UserSession session, long post, CancellationToken cancellation)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/posts/{post}/like");
        var call = new GatewayCall(CallKind.Like, HttpMethod.Put, path) { Session = session };
        var answer = await client.CallAsync(call, GatewayJson.Default.LikeAnswer, cancellation);
        Likes.Record(action.Pair, answer.Outcome);
        if (answer.Outcome != Outcome.Acknowledged) return;

        if (action.Checked) await ownReads.CheckLikeAsync(session, post, cancellation);
        session.LikedPost = post;
    }
}
