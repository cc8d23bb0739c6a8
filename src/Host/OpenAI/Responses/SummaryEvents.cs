using System.Text;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Responses;

/// <summary>Makes the events of the summary in a reasoning item: its parts one after the other.</summary>
internal sealed class SummaryEvents(Action<ResponseEvent> send, Func<long> nextNumber)
{
    private readonly StringBuilder _text = new();
    private int _count;
    private bool _isSeparate;

    /// <summary>The next text is another part.</summary>
    public void Separate() => _isSeparate = _text.Length > 0;

    public void Add(string id, int index, string text)
    {
        if (_isSeparate) EndPart(id, index);
        if (_text.Length == 0) send(new SummaryPartEvent("response.reasoning_summary_part.added", nextNumber(), id, index, _count, new SummaryPart("")));
        _text.Append(text);
        send(new SummaryDeltaEvent("response.reasoning_summary_text.delta", nextNumber(), id, index, _count, text));
    }

    /// <summary>The item ends.</summary>
    public void End(string id, int index)
    {
        EndPart(id, index);
        _count = 0;
    }

    private void EndPart(string id, int index)
    {
        _isSeparate = false;
        if (_text.Length == 0) return;
        var text = _text.ToString();
        send(new SummaryDoneEvent("response.reasoning_summary_text.done", nextNumber(), id, index, _count, text));
        send(new SummaryPartEvent("response.reasoning_summary_part.done", nextNumber(), id, index, _count++, new SummaryPart(text)));
        _text.Clear();
    }
}
