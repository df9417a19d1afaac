using Floodgate.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Streaming;

/// <summary>One client's stream, from its first look to its end.</summary>
internal sealed class TimelineStream(
    ScreenPoll poll, StreamPlaceCodec places, SessionTokenCodec tokens, ClusterTopology topology, PostgresNodes nodes, Jitter jitter, StreamOutage outage,
    StreamMetrics metrics, IOptions<StreamOptions> options, TimeProvider time)
{
    private const double Share = 0.1;
    private const double RetryShare = 0.5;
    private const int LongestPause = 10;

    private readonly StreamOptions _options = options.Value;
    private WalPosition _told;

    /// <summary>Tells the client what it missed, and from then on what is new, until the stream ends.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="missed">What a client that comes back has missed.</param>
    /// <param name="stopping">The end of the process or of the connection.</param>
    public async Task RunAsync(EventWriter writer, ScreenNews missed, CancellationToken stopping)
    {
        using var life = new CancellationTokenSource(jitter.Vary(_options.Lifetime, Share), time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, life.Token);
        try
        {
            _told = poll.Position; // The answer's headers say it.
            await writer.SendHeartbeatAsync(jitter.Vary(_options.Retry, RetryShare));
            await TellAsync(writer, missed);
            if (!missed.IsReset)
            {
                await ReadyAsync(writer);
            }

            var pause = jitter.Vary(_options.Interval / 2, share: 1);
            while (!poll.ShouldMove)
            {
                await PauseAsync(writer, pause, ending.Token);
                pause = await PollAsync(writer, pause, ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // It ends. A client that is still there comes back with the id of the last event.
        }
    }

    // Returns for how long to pause.
    private async Task<TimeSpan> PollAsync(EventWriter writer, TimeSpan pause, CancellationToken ending)
    {
        var began = time.GetTimestamp();
        ScreenNews news;
        try
        {
            news = await poll.PollAsync(ending);
        }
        catch (Exception exception) when (!ending.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            // Whatever is away comes back, and what was missed until then is still there.
            metrics.Polled("failed", time.GetElapsedTime(began));
            outage.Failed(exception);
            var longer = 2 * (pause > _options.Interval ? pause : _options.Interval);
            var longest = _options.Interval * LongestPause;
            return jitter.Vary(longer < longest ? longer : longest, Share);
        }

        metrics.Polled("done", time.GetElapsedTime(began));
        outage.Succeeded();
        await TellAsync(writer, news);
        return jitter.Vary(_options.Interval, Share);
    }

    // Gone before new, so that a screen never holds too many; the session before what it must not go back behind.
    private async Task TellAsync(EventWriter writer, ScreenNews news)
    {
        if (news.IsEmpty)
        {
            return;
        }

        await TellSessionAsync(writer);
        if (news.IsReset)
        {
            await writer.SendAsync(StreamEvents.Reset, new ResetData(_options.MaximumReplay), Place());
            await ReadyAsync(writer);
            return;
        }

        foreach (var id in news.Gone)
        {
            poll.Screen.Forget(id);
            await writer.SendAsync(StreamEvents.Gone, new GoneData(id), Place());
        }

        foreach (var post in news.Arrived)
        {
            poll.Screen.Show(post.Id);
            await writer.SendAsync(StreamEvents.Post, post, Place());
        }

        foreach (var post in news.Edited)
        {
            await writer.SendAsync(StreamEvents.Edit, post);
        }

        foreach (var changed in news.Likes)
        {
            await writer.SendAsync(StreamEvents.Likes, changed);
        }
    }

    private async Task TellSessionAsync(EventWriter writer)
    {
        var further = nodes.View.History.Furthest(_told, poll.Position);
        if (further == _told || topology.SystemId is not (not 0 and var systemId))
        {
            return;
        }

        _told = further;
        await writer.SendAsync(StreamEvents.Session, new SessionData(tokens.Write(new SessionToken(systemId, further, time.GetUtcNow()))), Place());
    }

    private ValueTask ReadyAsync(EventWriter writer)
    {
        var ids = poll.Screen.OnScreen.ToArray();
        Array.Reverse(ids);
        return writer.SendAsync(StreamEvents.Ready, new ReadyData(ids), Place());
    }

    private string Place() => places.Write(poll.Screen.PlaceAt(poll.Position));

    private async Task PauseAsync(EventWriter writer, TimeSpan pause, CancellationToken ending)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var left = pause - time.GetElapsedTime(began);
            var silence = _options.Heartbeat - time.GetElapsedTime(writer.LastSent);
            var wait = left < silence ? left : silence;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, ending);
            }

            if (time.GetElapsedTime(began) >= pause)
            {
                return;
            }

            if (time.GetElapsedTime(writer.LastSent) >= _options.Heartbeat)
            {
                await writer.SendHeartbeatAsync();
            }
        }
    }
}
