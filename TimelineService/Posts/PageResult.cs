using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Floodgate.TimelineService.Posts;

/// <summary>
/// Answers with a page. It is written by the code that is generated for its type, in one piece and with its length: <see cref="TypedResults.Ok{TValue}(TValue)"/>
/// goes property by property through metadata, and sends chunks.
/// </summary>
/// <param name="page">The page.</param>
internal sealed class PageResult(PostPage page) : IResult
{
    private const int UsualSize = 8 * 1024;

    // What a page of 100 long texts needs is not kept for those of 20 short ones.
    private const int MostKept = 128 * 1024;

    // As all other answers are written: in a body that says that it is JSON nothing else need be escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Buffer? _kept;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json; charset=utf-8";
        Write(response);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    private void Write(HttpResponse response)
    {
        var buffer = _kept ?? new Buffer();
        _kept = null;
        buffer.Json.Reset(buffer.Bytes);
        JsonSerializer.Serialize(buffer.Json, page, TimelineJson.Default.PostPage);
        buffer.Json.Flush();
        response.ContentLength = buffer.Bytes.WrittenCount;
        response.BodyWriter.Write(buffer.Bytes.WrittenSpan);
        if (buffer.Bytes.Capacity <= MostKept)
        {
            buffer.Bytes.ResetWrittenCount();
            _kept = buffer;
        }
    }

    private sealed class Buffer
    {
        public ArrayBufferWriter<byte> Bytes { get; } = new(UsualSize);

        public Utf8JsonWriter Json { get; } = new(Stream.Null, Options);
    }
}
