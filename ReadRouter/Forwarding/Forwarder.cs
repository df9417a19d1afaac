using Floodgate.Problems;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Nodes;
using Floodgate.ReadRouter.Routing;
using Floodgate.ReadRouter.Sessions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>Has requests answered by the services: reads by the node of its choice, and again elsewhere when that fails; writes once.</summary>
internal sealed class Forwarder(
    ServiceSender sender, NodeChooser chooser, NodeTable table, SessionKeeper sessions, LastDecisions decisions, Measures measures, IOptions<RouterOptions> options,
    TimeProvider time, IHostApplicationLifetime process)
{
    private const int ReadAttempts = 3;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly RouterOptions _options = options.Value;

    /// <summary>Forwards a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">Where it goes.</param>
    /// <param name="reads">How it chooses its node, if it is a read.</param>
    public async Task ForwardAsync(HttpContext context, PublicRoute route, RouteReads reads)
    {
        if (IsTooLarge(context.Request))
        {
            await BodyProblem.TooLarge().ExecuteAsync(context);
            return;
        }

        try
        {
            var timeout = route.Timeout ?? (route.Kind == RouteKind.Read ? _options.ReadTimeout : _options.WriteTimeout);
            using var timer = new CancellationTokenSource(timeout, time);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(
                timer.Token, context.RequestAborted, route.Streams ? process.ApplicationStopping : CancellationToken.None);
            var answer = route.Kind == RouteKind.Read
                ? await ReadAsync(context, route, reads, timer, patience.Token)
                : await WriteAsync(context, route, timeout, patience.Token);
            if (answer is not null && !context.RequestAborted.IsCancellationRequested)
                await answer.ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await TimedOut.ExecuteAsync(context);
        }
    }

    private async Task<IResult?> ReadAsync(
        HttpContext context, PublicRoute route, RouteReads reads, CancellationTokenSource timer, CancellationToken patience)
    {
        var idle = route.Streams ? _options.StreamIdleTimeout : route.Timeout ?? _options.ReadTimeout;
        var consistency = ConsistencyHeader.Read(context.Request);
        var request = new ReadRequest(consistency, reads, sessions.Read(context.Request), Except: null);

        // A body can be sent once only.
        var mayRetry = context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true };
        Node? failedNode = null;
        ServiceInstance? failedInstance = null;
        for (var left = ReadAttempts - 1; ; left--)
        {
            var choice = NodeChoice.InMemory;
            if (route.FromNode)
            {
                var began = time.GetTimestamp();
                choice = await chooser.ChooseAsync(request with { Except = failedNode }, patience);
                decisions.Note(route.Name, consistency, choice, time.GetElapsedTime(began));
                if (choice.Target is null)
                {
                    context.Response.Headers[SessionHeaders.Reason] = choice.Reason;
                    return Problem.Unavailable("No node can serve this read now.", RetryAfter);
                }
            }

            var attempt = new Attempt(route, request.Session, choice, MayRetry: mayRetry && route.FromNode && left > 0)
            {
                PastCaches = !request.MayBeCached,
                KeepsToken = route.FromNode && request.Policy is ReadPolicy.Window or ReadPolicy.Lag,
                OnBegin = route.Streams ? () => timer.CancelAfter(Timeout.InfiniteTimeSpan) : null,
            };
            var (end, instance) = await sender.SendAsync(context, attempt, failedInstance, idle, patience);
            switch (end)
            {
                case AttemptEnd.Refused:
                    measures.Retried("refused");

                    // Another process first, and another node; there is no other primary.
                    failedInstance = instance;
                    failedNode = choice.Target == table.Primary ? null : choice.Target;
                    break;
                case AttemptEnd.Unreachable when mayRetry && left > 0:
                    measures.Retried("unreachable");
                    failedInstance = instance;
                    break;
                default:
                    return AnswerTo(end, context);
            }
        }
    }

    private async Task<IResult?> WriteAsync(HttpContext context, PublicRoute route, TimeSpan timeout, CancellationToken patience)
    {
        var attempt = new Attempt(route, sessions.Read(context.Request), Choice: null, MayRetry: false);
        var (end, _) = await sender.SendAsync(context, attempt, except: null, timeout, patience);
        return end switch
        {
            AttemptEnd.TimedOut => Problem.Unavailable("The service did not answer in time. The write may have been done.", RetryAfter),
            AttemptEnd.Unreachable => Problem.Unavailable("The service did not answer. The write may have been done.", RetryAfter),
            _ => AnswerTo(end, context),
        };
    }

    private static IResult TimedOut => Problem.Unavailable("The service did not answer in time.", RetryAfter);

    private static IResult? AnswerTo(AttemptEnd end, HttpContext context) => end switch
    {
        AttemptEnd.TimedOut => TimedOut,
        AttemptEnd.Unreachable => Problem.Unavailable("The service does not answer.", RetryAfter),
        AttemptEnd.NoInstance => Problem.Unavailable("The service is not there yet.", RetryAfter),
        AttemptEnd.BadBody => BodyProblem.Of(context),
        _ => null,
    };

    // The server stops a body without a declared length as well, but only while it is being read.
    private static bool IsTooLarge(HttpRequest request) =>
        request.ContentLength > request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;
}
