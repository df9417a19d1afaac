using Floodgate.Nodes;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Nodes;
using Floodgate.ReadRouter.Sessions;
using Yarp.ReverseProxy.Forwarder;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>Sends one attempt to an instance of its service and says how it ended.</summary>
internal sealed class ServiceSender(
    IHttpForwarder forwarder, ServiceInstances instances, ServiceClient client, SessionKeeper sessions, VisibilityProbe visibility,
    SpillOver spillOver, NodeTable table, ILogger<ServiceSender> logger)
{
    /// <summary>Sends an attempt.</summary>
    /// <param name="context">The request.</param>
    /// <param name="attempt">What to send.</param>
    /// <param name="except">An instance that just failed this request.</param>
    /// <param name="idle">How long it may go without progress.</param>
    /// <param name="patience">The end of the time limit, or of the caller.</param>
    public async Task<(AttemptEnd End, ServiceInstance? Instance)> SendAsync(
        HttpContext context, Attempt attempt, ServiceInstance? except, TimeSpan idle, CancellationToken patience)
    {
        var streams = attempt.Route.Streams;
        var instance = instances.Pick(attempt.Route.Service, except, streams);
        if (instance is null)
            return (AttemptEnd.NoInstance, null);

        var node = attempt.Choice?.Target;
        if (streams)
        {
            // It stays, and reads but now and then: it must not pass for a request under way. What it found out is known when it begins.
            instance.EnterStream();
            attempt.OnBegin += () => NoteReading(attempt, node);
        }
        else
        {
            instance.Enter();
            node?.Enter();
        }

        try
        {
            var error = await forwarder.SendAsync(
                context, instance.Address, client.Invoker, ServiceClient.ConfigFor(idle), new InternalTransformer(attempt, sessions, visibility, table), patience);
            var end = EndOf(context, attempt, error, patience);
            if (end == AttemptEnd.Unreachable)
            {
                instance.Fail();
                logger.InstanceFailed(
                    attempt.Route.Service, instance.Address, context.Features.Get<IForwarderErrorFeature>()?.Exception?.Message ?? error.ToString());
            }
            else if (error == ForwarderError.None)
            {
                instance.Succeed();
            }

            if (end == AttemptEnd.Answered && !streams)
                NoteReading(attempt, node);

            // What the forwarder set for its own error, or for an answer that was withheld, is not what the caller gets.
            if (end != AttemptEnd.Answered && !context.Response.HasStarted)
                context.Response.Clear();
            return (end, instance);
        }
        finally
        {
            if (streams)
            {
                instance.LeaveStream();
            }
            else
            {
                node?.Leave();
                instance.Leave();
            }
        }
    }

    // What the service found out about the replica it was told to read from.
    private void NoteReading(Attempt attempt, Node? replica)
    {
        if (replica is null || replica == table.Primary)
            return;
        var (before, after) = replica.Ended(failed: attempt.ReadFromReason == NodeReader.NodeFailed);
        if (after.Health != before.Health)
            logger.NodeFailsReads(replica.Name);
        if (attempt.ReadFrom == table.Primary.Name)
            spillOver.CountTaken();
    }

    private static AttemptEnd EndOf(HttpContext context, Attempt attempt, ForwarderError error, CancellationToken patience)
    {
        if (attempt.Withheld)
            return AttemptEnd.Refused;
        if (error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return AttemptEnd.Answered;
        if (patience.IsCancellationRequested || error == ForwarderError.RequestTimedOut)
            return AttemptEnd.TimedOut;
        return error == ForwarderError.RequestBodyClient ? AttemptEnd.BadBody : AttemptEnd.Unreachable;
    }
}
