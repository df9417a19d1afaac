using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Floodgate.Problems;

/// <summary>
/// The answers to requests that cannot be done, as <c>application/problem+json</c>
/// (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457).
/// </summary>
public static class Problem
{
    /// <summary>400: the input is wrong. <c>errors</c> names each field and says what is wrong with it.</summary>
    public static ProblemHttpResult Invalid(string field, string message) =>
        Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });

    /// <summary>400: several fields are wrong.</summary>
    /// <param name="errors">For each field, what is wrong with it.</param>
    /// <param name="status">The status; 400, or 413 and 415 where the body as a whole cannot be taken.</param>
    public static ProblemHttpResult Invalid(IDictionary<string, string[]> errors, int status = StatusCodes.Status400BadRequest) =>
        TypedResults.Problem(new HttpValidationProblemDetails(errors)
        {
            Title = "The request is not valid.",
            Status = status,
        });

    /// <summary>413 and 415: the body as a whole cannot be taken. Null for any other status.</summary>
    internal static ProblemHttpResult? OfBody(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => OfBody(status, "The body is too large."),
        StatusCodes.Status415UnsupportedMediaType => OfBody(status, "The body must be JSON, with the content type application/json."),
        _ => null,
    };

    /// <summary>The body as a whole cannot be taken.</summary>
    internal static ProblemHttpResult OfBody(int status, string message) =>
        Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["body"] = [message] }, status);

    /// <summary>401: the call needs a user.</summary>
    public static ProblemHttpResult Unauthorized() =>
        TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "This call needs a user.");

    /// <summary>403: the caller may not do this.</summary>
    public static ProblemHttpResult Forbidden(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status403Forbidden, title: "This is not yours to change.");

    /// <summary>404: there is no such thing.</summary>
    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "There is no such thing.");

    /// <summary>409: the request contradicts what is there.</summary>
    public static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict, title: "The request contradicts what is there.");

    /// <summary>503 with <c>Retry-After</c>: a server this call needs does not answer.</summary>
    /// <param name="detail">What is away.</param>
    /// <param name="retryAfter">When to try again; written in whole seconds, at least 1.</param>
    public static IResult Unavailable(string detail, TimeSpan retryAfter) =>
        new RetryLater(StatusCodes.Status503ServiceUnavailable, "The service cannot do this now.", detail, retryAfter);

    /// <summary>429 with <c>Retry-After</c>: too much at once.</summary>
    /// <param name="detail">What is full.</param>
    /// <param name="retryAfter">When to try again; written in whole seconds, at least 1.</param>
    public static IResult TooMany(string detail, TimeSpan retryAfter) =>
        new RetryLater(StatusCodes.Status429TooManyRequests, "Too many requests.", detail, retryAfter);

    private sealed class RetryLater(int status, string title, string detail, TimeSpan retryAfter) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var seconds = (long)Math.Max(1, Math.Ceiling(retryAfter.TotalSeconds));
            httpContext.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return TypedResults.Problem(detail, statusCode: status, title: title).ExecuteAsync(httpContext);
        }
    }
}
