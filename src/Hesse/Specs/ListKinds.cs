using System.Text.Json.Nodes;

namespace Hesse.Specs;

/// <summary>A list of values of one kind.</summary>
/// <param name="item">Kind of an item.</param>
/// <param name="least">Fewest items.</param>
/// <param name="ascending">Whether each item must be greater than the one before.</param>
internal sealed class ListKind<T>(SpecKind<T> item, int least = 0, bool ascending = false) : SpecKind<IReadOnlyList<T>>
{
    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out IReadOnlyList<T> value)
    {
        value = [];
        if (node.Kind != SpecNodeKind.Array)
        {
            return Mismatch(node, path, binding, "a list");
        }

        if (node.Items.Count < least)
        {
            binding.Faults.Add(node.Origin, path, $"needs at least {least} value{(least == 1 ? "" : "s")}");
        }

        List<T> values = new(node.Items.Count);
        for (int index = 0; index < node.Items.Count; index++)
        {
            string place = $"{path}[{index}]";
            bool read = item.TryRead(node.Items[index], place, binding, out T one);
            if (ascending && read && values.Count > 0 && Comparer<T>.Default.Compare(one, values[^1]) <= 0)
            {
                binding.Faults.Add(node.Items[index].Origin, place, "each value must be greater than the one before");
            }

            values.Add(one);
        }

        value = values;
        return true;
    }

    public override JsonNode? Write(IReadOnlyList<T> value) => new JsonArray([.. value.Select(item.Write)]);

    public override JsonObject Schema()
    {
        JsonObject schema = new() { ["type"] = "array", ["items"] = item.Schema() };
        if (least > 0)
        {
            schema["minItems"] = least;
        }

        if (ascending)
        {
            schema["uniqueItems"] = true;
        }

        return schema;
    }
}

/// <summary>One value for all layers, or a list with one a layer. Equal values are written as one.</summary>
internal sealed class OneOrListKind<T>(SpecKind<T> item) : SpecKind<IReadOnlyList<T>?>
{
    private readonly ListKind<T> _list = new(item, least: 1);

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out IReadOnlyList<T>? value)
    {
        if (node.Kind == SpecNodeKind.Array)
        {
            bool listed = _list.TryRead(node, path, binding, out IReadOnlyList<T> values);
            value = values;
            return listed;
        }

        bool read = item.TryRead(node, path, binding, out T one);
        value = [one];
        return read;
    }

    public override JsonNode? Write(IReadOnlyList<T>? value) =>
        value is null ? null
        : value.Distinct().Count() == 1 ? item.Write(value[0])
        : _list.Write(value);

    public override JsonObject Schema() => new() { ["oneOf"] = new JsonArray(item.Schema(), _list.Schema()) };
}

/// <summary>A value that may be absent.</summary>
internal sealed class OptionalKind<T>(SpecKind<T> kind) : SpecKind<T?>
    where T : struct
{
    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out T? value)
    {
        bool read = kind.TryRead(node, path, binding, out T one);
        value = read ? one : null;
        return read;
    }

    public override JsonNode? Write(T? value) => value is { } one ? kind.Write(one) : null;

    public override JsonObject Schema() => kind.Schema();
}

/// <summary>A list that may be absent.</summary>
internal sealed class OptionalListKind<T>(ListKind<T> list) : SpecKind<IReadOnlyList<T>?>
{
    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out IReadOnlyList<T>? value)
    {
        bool read = list.TryRead(node, path, binding, out IReadOnlyList<T> values);
        value = values;
        return read;
    }

    public override JsonNode? Write(IReadOnlyList<T>? value) => value is null ? null : list.Write(value);

    public override JsonObject Schema() => list.Schema();
}

/// <summary>A number, or {start, factor, milestones}. A schedule that never changes is written as its number.</summary>
internal sealed class ScheduleKind(NumberKind number) : SpecKind<Schedule>
{
    private readonly Section<Schedule> _section = new(
        new Schedule(0),
        new SpecKey<Schedule, double>("start", number, s => s.Start, (s, v) => s with { Start = v }, "Value at step 0.")
        {
            Required = true,
        },
        new SpecKey<Schedule, double>(
            "factor",
            new NumberKind(0, open: true),
            s => s.Factor,
            (s, v) => s with { Factor = v },
            "Multiplies the value at each milestone."
        ),
        new SpecKey<Schedule, IReadOnlyList<int>?>(
            "milestones",
            new OptionalListKind<int>(new ListKind<int>(new IntegerKind<int>(1, int.MaxValue), 0, ascending: true)),
            s => s.Milestones,
            (s, v) => s with { Milestones = v },
            "Steps from which on the factor applies once more, ascending; those from the last step on change nothing."
        )
    );

    // Its keys can be set and swept one by one, as the whole can.
    public override IReadOnlyList<SpecKeyName> Keys => _section.Keys;

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out Schedule value)
    {
        if (node.Kind == SpecNodeKind.Object)
        {
            bool found = _section.TryRead(node, path, binding, out value);
            if (found && node.Find("factor") is null != node.Find("milestones") is null)
            {
                string message = "factor and milestones go together; one is missing, so the number would never change";
                binding.Faults.Add(node.Origin, path, message);
            }

            if (found && binding.Faults.Sound(path))
            {
                CheckRange(value, node, path, binding);
            }

            return found;
        }

        value = new Schedule(0);
        if (node.Kind != SpecNodeKind.Number)
        {
            return Mismatch(node, path, binding, "a number or {start, factor, milestones}");
        }

        bool read = number.TryRead(node, path, binding, out double start);
        value = new Schedule(start);
        return read;
    }

    public override JsonNode? Write(Schedule value) =>
        value.Factor == 1 || value.Milestones is null or { Count: 0 }
            ? number.Write(value.Start)
            : _section.Write(value);

    public override JsonObject Schema() => new() { ["oneOf"] = new JsonArray(number.Schema(), _section.Schema()) };

    // A factor above 1 can take a number beyond the range in which it began.
    private void CheckRange(Schedule schedule, SpecNode node, string path, SpecBinding binding)
    {
        double value = schedule.Start;
        foreach (int milestone in schedule.Milestones ?? [])
        {
            value *= schedule.Factor;
            if (!number.Contains(value))
            {
                string message = $"becomes {value:G6} at step {milestone}, out of range: {number.Range()}";
                binding.Faults.Add(node.Origin, path, message);
                return;
            }
        }
    }
}

/// <summary>A number that may follow a schedule, or be absent.</summary>
internal sealed class OptionalScheduleKind(ScheduleKind schedule) : SpecKind<Schedule?>
{
    public override IReadOnlyList<SpecKeyName> Keys => schedule.Keys;

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out Schedule? value)
    {
        bool read = schedule.TryRead(node, path, binding, out Schedule given);
        value = read ? given : null;
        return read;
    }

    public override JsonNode? Write(Schedule? value) => value is null ? null : schedule.Write(value);

    public override JsonObject Schema() => schedule.Schema();
}
