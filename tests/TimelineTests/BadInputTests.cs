using System.Net;
using System.Text;
using System.Text.Json;
using Floodgate.Sessions;

namespace Floodgate.TimelineTests;

/// <summary>Every call, given what it cannot take: a problem that names the field, and never a 500.</summary>
public sealed class BadInputTests(Servers servers, QuietInstance quiet) : IClassFixture<QuietInstance>
{
    private const string Ok = """{"text":"a"}""";

    private readonly TimelineInstance _instance = quiet.Instance;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public static TheoryData<string> BadIds =>
    [
        "0", "-1", "-0", "+5", "1.5", "1e3", "0x10", "9007199254740992", "9223372036854775808", "99999999999999999999999999", "five", "%205", "5%20", "5%2c6", "null",
        "NaN", "%d9%a5", "%ff", "%c3%28", "%ed%a0%80", "5;6", "%EF%BC%95",
    ];

    public static TheoryData<string> BadLimits =>
    [
        "limit=0", "limit=-1", "limit=101", "limit=2147483648", "limit=99999999999999999999", "limit=1.5", "limit=1e1", "limit=", "limit", "limit=ten", "limit=%ff",
        "limit=%00", "limit=1&limit=2", "LIMIT=1&limit=2", "limit=5,6", "limit=%205", "limit=+5", "limit=%d9%a5", "limit=null",
    ];

    // What can stand in the place of {"text":…}: the body, and the field that is named.
    public static TheoryData<string, string> BadBodies => new()
    {
        { "", "body" },
        { " ", "body" },
        { "null", "body" },
        { "{", "body" },
        { "[]", "body" },
        { "5", "body" },
        { "true", "body" },
        { "\"text\"", "body" },
        { "{\"text\":\"a\"}}", "body" },
        { "{\"text\":\"a\"}{\"text\":\"a\"}", "body" },
        { "{\"text\":\"a\",}", "body" },
        { "{'text':'a'}", "body" },
        { "{text:\"a\"}", "body" },
        { "{\"text\":\"a\"/**/}", "body" },
        { "<text>a</text>", "body" },
        { "text=a", "body" },
        { "{}", "text" },
        { "{\"text\":null}", "text" },
        { "{\"text\":\"\"}", "text" },
        { "{\"text\":5}", "text" },
        { "{\"text\":1e999}", "text" },
        { "{\"text\":true}", "text" },
        { "{\"text\":[\"a\"]}", "text" },
        { "{\"text\":{\"text\":\"a\"}}", "text" },
        { "{\"text\":\"\\ud800\"}", "text" },
        { "{\"text\":\"a\\udc00b\"}", "text" },
        { "{\"text\":\"\\udc00\\ud800\"}", "text" },
        { "{\"text\":\"a\\u0000b\"}", "text" },
        { "{\"text\":\"a\\x\"}", "text" },
        { "{\"text\":\"a\nb\"}", "text" },
        { "{\"text\":\"a\",\"text\":\"b\"}", "text" },
        { "{\"text\":\"a\",\"Text\":\"b\"}", "Text" },
        { "{\"text\":\"a\",\"tags\":[]}", "tags" },
        { "{\"txt\":\"a\"}", "txt" },
        { "{\"text\":\"a\",\"id\":7}", "id" },
    };

    // Bytes that are no UTF-8: alone, cut off, overlong, a surrogate, past U+10FFFF.
    public static TheoryData<string> BadBytes => ["ff", "c3", "c328", "c080", "eda080", "f4908080", "e282"];

    [Theory]
    [MemberData(nameof(BadIds))]
    public async Task An_id_that_is_none_is_named(string id)
    {
        var ann = servers.NewUser();
        await IsProblemAsync(400, "id", HttpMethod.Get, $"/users/{id}", ann);
        await IsProblemAsync(400, "id", HttpMethod.Put, $"/users/{id}", ann, """{"name":"a"}""");
        await IsProblemAsync(400, "id", HttpMethod.Get, $"/users/{id}/posts", ann);
        await IsProblemAsync(400, "id", HttpMethod.Put, $"/users/{id}/following/7", ann);
        await IsProblemAsync(400, "other", HttpMethod.Put, $"/users/{ann}/following/{id}", ann);
        await IsProblemAsync(400, "other", HttpMethod.Delete, $"/users/{ann}/following/{id}", ann);
        await IsProblemAsync(400, "id", HttpMethod.Get, $"/posts/{id}", ann);
        await IsProblemAsync(400, "id", HttpMethod.Patch, $"/posts/{id}", ann, Ok);
        await IsProblemAsync(400, "id", HttpMethod.Delete, $"/posts/{id}", ann);
    }

    [Theory]
    [MemberData(nameof(BadLimits))]
    public async Task A_limit_that_is_none_is_named(string query)
    {
        await IsProblemAsync(400, "limit", HttpMethod.Get, $"/timeline?{query}", user: 1);
        await IsProblemAsync(400, "limit", HttpMethod.Get, $"/users/1/posts?{query}", user: 1);
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_body_that_is_not_of_its_form_is_refused(string body, string field)
    {
        var ann = servers.NewUser();
        await IsProblemAsync(400, field, HttpMethod.Post, "/posts", ann, body);
        await IsProblemAsync(400, field, HttpMethod.Patch, "/posts/7", ann, body);
        await IsProblemAsync(400, AsName(field), HttpMethod.Put, $"/users/{ann}", ann, AsName(body));

        static string AsName(string text) => text.Replace("text", "name", StringComparison.Ordinal).Replace("Text", "Name", StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadBytes))]
    public async Task Bytes_that_are_no_UTF_8_are_refused(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        byte[] inText = [.. "{\"text\":\"a"u8, .. bytes, .. "\"}"u8];
        byte[] inName = [.. "{\"name\":\"a"u8, .. bytes, .. "\"}"u8];
        byte[] inField = [.. "{\"te"u8, .. bytes, .. "\":\"a\"}"u8];
        await IsProblemAsync(400, "text", HttpMethod.Post, "/posts", 1, inText);
        await IsProblemAsync(400, "name", HttpMethod.Put, "/users/1", 1, inName);
        await IsProblemAsync(400, null, HttpMethod.Post, "/posts", 1, inField);
        await IsProblemAsync(400, "body", HttpMethod.Post, "/posts", 1, [.. bytes, .. "{\"text\":\"a\"}"u8]);
    }

    [Fact]
    public async Task A_text_is_as_long_as_it_may_be_and_no_longer_counted_in_characters()
    {
        var ann = servers.NewUser();
        await _instance.CreateUserAsync(ann);
        foreach (var character in new[] { "a", "é", "\U0001F98A" })
        {
            await IsAsync(HttpStatusCode.Created, HttpMethod.Post, "/posts", ann, Json("text", Repeat(character, 5000)));
            await IsProblemAsync(400, "text", HttpMethod.Post, "/posts", ann, Json("text", Repeat(character, 5001)));
            await IsAsync(HttpStatusCode.OK, HttpMethod.Put, $"/users/{ann}", ann, Json("name", Repeat(character, 100)));
            await IsProblemAsync(400, "name", HttpMethod.Put, $"/users/{ann}", ann, Json("name", Repeat(character, 101)));
        }

        await IsProblemAsync(413, "body", HttpMethod.Post, "/posts", ann, Json("text", Repeat("a", 200_000)));
        await IsProblemAsync(413, "body", HttpMethod.Put, $"/users/{ann}", ann, Json("name", Repeat("a", 200_000)));
        await IsProblemAsync(400, "body", HttpMethod.Post, "/posts", ann, Repeat("[", 100_000));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/jsonx")]
    [InlineData("application/json; charset=klingon")]
    [InlineData("nonsense")]
    public async Task A_body_of_another_kind_is_refused(string? type)
    {
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/posts"), (HttpMethod.Patch, "/posts/7"), (HttpMethod.Put, "/users/1") })
        {
            await IsProblemAsync(415, "body", method, path, 1, "{\"text\":\"a\"}"u8.ToArray(), type);
        }
    }

    [Fact]
    public async Task A_call_that_wants_a_body_and_gets_none_says_so()
    {
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/posts"), (HttpMethod.Patch, "/posts/7"), (HttpMethod.Put, "/users/1") })
        {
            var answer = await SendAsync(method, path, 1, content: null);
            await IsProblemAsync(answer.StatusCode == HttpStatusCode.UnsupportedMediaType ? 415 : 400, "body", answer, $"{method} {path}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("\t")]
    [InlineData("a\u007f")]
    [InlineData("201")]
    [InlineData("twice")]
    public async Task An_idempotency_key_that_is_none_is_named(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/posts") { Content = ContentOf(Encoding.UTF8.GetBytes(Ok), "application/json") };
        request.Headers.Add(InternalHeaders.User, "1");
        string[] values = key switch { "201" => [new string('k', 201)], "twice" => ["a", "b"], _ => [key] };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", values);

        await IsProblemAsync(400, "Idempotency-Key", await _instance.Http.SendAsync(request, Patience), key);
    }

    [Fact]
    public async Task A_cursor_is_good_for_the_list_that_gave_it_and_for_no_other()
    {
        var (ann, bob, cat) = (servers.NewUser(), servers.NewUser(), servers.NewUser());
        await _instance.CreateUserAsync(ann, bob, cat);
        foreach (var author in new[] { ann, bob })
        {
            await _instance.PostAsync(author);
            await _instance.PostAsync(author);
        }

        await _instance.FollowAsync(cat, ann);
        var home = await NextAsync("/timeline", ann);
        var posts = await NextAsync($"/users/{ann}/posts", ann);

        await IsAsync(HttpStatusCode.OK, HttpMethod.Get, $"/timeline?before={home}", ann);
        await IsAsync(HttpStatusCode.OK, HttpMethod.Get, $"/timeline?before={home}&limit=7", ann);
        await IsAsync(HttpStatusCode.OK, HttpMethod.Get, $"/users/{ann}/posts?before={posts}", bob);
        string[] foreign =
        [
            home[..^1], home[1..], home + "A", home.ToUpperInvariant(), home.ToLowerInvariant(), "A" + home[1..], $"{home[..20]}{(home[20] == 'A' ? 'B' : 'A')}{home[21..]}", "5", "", "%ff",
            "%00", Repeat("A", 50), Repeat("A", 4000), $"{home}&before={home}", "null", home + "=", home + "%20",
        ];
        foreach (var cursor in foreign)
        {
            await IsProblemAsync(400, "before", HttpMethod.Get, $"/timeline?before={cursor}", ann);
            await IsProblemAsync(400, "before", HttpMethod.Get, $"/users/{ann}/posts?before={cursor}", ann);
        }

        await IsProblemAsync(400, "before", HttpMethod.Get, $"/timeline?before={posts}", ann);
        await IsProblemAsync(400, "before", HttpMethod.Get, $"/timeline?before={home}", cat);
        await IsProblemAsync(400, "before", HttpMethod.Get, $"/users/{ann}/posts?before={home}", ann);
        await IsProblemAsync(400, "before", HttpMethod.Get, $"/users/{bob}/posts?before={posts}", ann);
    }

    [Fact]
    public async Task Who_is_not_there_and_what_is_not_ones_own_is_said_so()
    {
        var (ann, bob, nobody) = (servers.NewUser(), servers.NewUser(), servers.NewUser());
        await _instance.CreateUserAsync(ann, bob);
        var post = await _instance.PostAsync(bob);

        await IsProblemAsync(400, "other", HttpMethod.Put, $"/users/{ann}/following/{ann}", ann);
        await IsProblemAsync(400, "other", HttpMethod.Delete, $"/users/{ann}/following/{ann}", ann);
        await IsProblemAsync(404, null, HttpMethod.Put, $"/users/{ann}/following/{nobody}", ann);
        await IsProblemAsync(404, null, HttpMethod.Delete, $"/users/{ann}/following/{nobody}", ann);
        await IsProblemAsync(404, null, HttpMethod.Put, $"/users/{nobody}/following/{ann}", nobody);
        await IsProblemAsync(403, null, HttpMethod.Put, $"/users/{bob}/following/{ann}", ann);
        await IsProblemAsync(403, null, HttpMethod.Put, $"/users/{bob}", ann, """{"name":"a"}""");
        await IsProblemAsync(404, null, HttpMethod.Get, $"/users/{nobody}", ann);
        await IsProblemAsync(404, null, HttpMethod.Get, $"/users/{nobody}/posts", ann);
        await IsProblemAsync(409, null, HttpMethod.Post, "/posts", nobody, Ok);
        await IsProblemAsync(404, null, HttpMethod.Get, "/posts/7", ann);
        await IsProblemAsync(404, null, HttpMethod.Patch, "/posts/7", ann, Ok);
        await IsProblemAsync(404, null, HttpMethod.Delete, "/posts/7", ann);
        await IsProblemAsync(403, null, HttpMethod.Patch, $"/posts/{post}", ann, Ok);
        await IsProblemAsync(403, null, HttpMethod.Delete, $"/posts/{post}", ann);
        await IsProblemAsync(405, null, HttpMethod.Post, "/timeline", ann, Ok);
        await IsProblemAsync(404, null, HttpMethod.Get, "/timelines", ann);

        // A follow is a state, so to say it twice is no error.
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Delete })
        {
            await IsAsync(HttpStatusCode.NoContent, method, $"/users/{ann}/following/{bob}", ann);
        }
    }

    [Fact]
    public async Task Without_a_user_every_call_that_needs_one_says_so()
    {
        await IsProblemAsync(401, null, HttpMethod.Get, "/timeline", user: null);
        await IsProblemAsync(401, null, HttpMethod.Post, "/posts", user: null, Ok);
        await IsProblemAsync(401, null, HttpMethod.Patch, "/posts/7", user: null, Ok);
        await IsProblemAsync(401, null, HttpMethod.Delete, "/posts/7", user: null);
        await IsProblemAsync(401, null, HttpMethod.Put, "/users/1", user: null, """{"name":"a"}""");
        await IsProblemAsync(401, null, HttpMethod.Put, "/users/1/following/2", user: null);
        await IsProblemAsync(401, null, HttpMethod.Delete, "/users/1/following/2", user: null);
    }

    [Fact]
    public async Task A_path_with_U_0000_is_refused_before_it_gets_to_a_call()
    {
        using var answer = await SendAsync(HttpMethod.Get, "/posts/%00", 1, content: null);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    private static string Json(string field, string value) => JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { [field] = value });

    private static ByteArrayContent ContentOf(byte[] body, string? type)
    {
        var content = new ByteArrayContent(body);
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return content;
    }

    private async Task<string> NextAsync(string path, long user)
    {
        var page = await TimelineInstance.JsonAsync(await SendAsync(HttpMethod.Get, path + "?limit=1", user, content: null));
        return page.GetProperty("next").GetString()!;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, long? user, HttpContent? content)
    {
        // The path as it stands: a URI is not to be made canonical.
        var address = new Uri(_instance.Http.BaseAddress!.ToString().TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, address) { Content = content };
        if (user is { } caller)
        {
            request.Headers.Add(InternalHeaders.User, $"{caller}");
        }

        return await _instance.Http.SendAsync(request, Patience);
    }

    private async Task IsAsync(HttpStatusCode status, HttpMethod method, string path, long user, string? body = null)
    {
        using var answer = await SendAsync(method, path, user, body is null ? null : ContentOf(Encoding.UTF8.GetBytes(body), "application/json"));
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode} to {method} {path}: {await answer.Content.ReadAsStringAsync(Patience)}");
    }

    private Task IsProblemAsync(int status, string? field, HttpMethod method, string path, long? user, string? body = null) =>
        body is null ? IsProblemAsync(status, field, method, path, user, null, null) : IsProblemAsync(status, field, method, path, user, Encoding.UTF8.GetBytes(body));

    private async Task IsProblemAsync(int status, string? field, HttpMethod method, string path, long? user, byte[]? body, string? type = "application/json")
    {
        using var answer = await SendAsync(method, path, user, body is null ? null : ContentOf(body, type));
        await IsProblemAsync(status, field, answer, $"{method} {path} {(body is null ? "" : Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 100))))}");
    }

    private static async Task IsProblemAsync(int status, string? field, HttpResponseMessage answer, string request)
    {
        var text = await answer.Content.ReadAsStringAsync(Patience);
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode} instead of {status} to {request}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        if (field is not null)
        {
            Assert.True(problem.TryGetProperty("errors", out var errors) && errors.TryGetProperty(field, out _), $"{field} is not named in the answer to {request}: {text}");
        }
    }
}
