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
        context.Features.Get<IForwarderErrorFeature>()?.Exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }
            ? TooLarge()
            : Of(StatusCodes.Status400BadRequest, "The body could not be read.");

    private static ProblemHttpResult Of(int status, string message) =>
        Problem.Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["body"] = [message] }, status);
}
