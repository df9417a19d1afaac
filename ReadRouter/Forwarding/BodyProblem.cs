using Floodgate.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Yarp.ReverseProxy.Forwarder;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>What is wrong with a request's body.</summary>
internal static class BodyProblem
{
    public static IResult TooLarge() => Of(StatusCodes.Status413PayloadTooLarge, "The body is too large.");

    /// <summary>Of a body that could not be read to its end.</summary>
    public static IResult Of(HttpContext context) =>
        IsTooLarge(context.Features.Get<IForwarderErrorFeature>()?.Exception)
            ? TooLarge()
            : Of(StatusCodes.Status400BadRequest, "The body could not be read.");

    // The forwarder reports the server's exception as one of several, or inside another.
    private static bool IsTooLarge(Exception? exception) => exception switch
    {
        null => false,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => true,
        AggregateException several => several.InnerExceptions.Any(IsTooLarge),
        _ => IsTooLarge(exception.InnerException),
    };

    private static ProblemHttpResult Of(int status, string message) =>
        Problem.Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["body"] = [message] }, status);
}
