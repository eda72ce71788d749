using System.Net;

namespace Hesse.Reports;

/// <summary>Text in HTML.</summary>
internal static class Html
{
    /// <summary>Text in which nothing is markup, in content and in quoted attributes.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);
}
