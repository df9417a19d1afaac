using System.Data.Common;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Floodgate.Problems;

/// <summary>Turns what a request threw into an answer; what is left over is a defect and becomes a 500.</summary>
internal sealed partial class ProblemExceptionHandler(IOptions<ProblemOptions> options, ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var answer = exception switch
        {
            InvalidInputException invalid => Problem.Invalid(invalid.Field, invalid.Message),
            BadHttpRequestException bad => OfBadRequest(bad),
            InvalidOperationException when HasUnknownCharset(httpContext.Request) => Problem.OfBody(
                StatusCodes.Status415UnsupportedMediaType, "The charset of the content type is not known."),
            JsonException json => Problem.Invalid(FieldOf(json), "This is not valid JSON of the expected form."),
            _ when options.Value.IsUnavailable(exception) || exception is DbException or TimeoutException or System.Net.Sockets.SocketException => Unavailable(exception),
            _ => null,
        };
        if (answer is null)
        {
            return false;
        }

        await answer.ExecuteAsync(httpContext);
        return true;
    }

    private IResult Unavailable(Exception exception)
    {
        LogUnavailable(logger, exception);
        return Problem.Unavailable("A server that this call needs does not answer.", options.Value.RetryAfter);
    }

    private static ProblemHttpResult OfBadRequest(BadHttpRequestException exception) => exception.StatusCode switch
    {
        StatusCodes.Status401Unauthorized => Problem.Unauthorized(),
        _ when Problem.OfBody(exception.StatusCode) is { } problem => problem,
        _ when exception.InnerException is JsonException json => Problem.Invalid(FieldOf(json), "This is not valid JSON of the expected form."),
        _ when exception.Message.EndsWith("Did you mean to use a Service instead?", StringComparison.Ordinal)
            || exception.Message.StartsWith("Required parameter", StringComparison.Ordinal) => Whole(exception, "A JSON body is required."),
        _ => Whole(exception, exception.Message),
    };

    private static ProblemHttpResult Whole(BadHttpRequestException exception, string message) => Problem.OfBody(exception.StatusCode, message);

    // The framework reports it with no exception of its own.
    private static bool HasUnknownCharset(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset.HasValue && type.Encoding is null;

    // "$.text" is the field text; "$" is the body.
    private static string FieldOf(JsonException exception) =>
        exception.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "body";

    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "A server that a request needs does not answer")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);
}
