//! Every text that a lesson's author wrote, with its place.

use crate::check::findings::FindingPlace;
use crate::check::shape::{block_id, block_texts};
use crate::format::Text;
use crate::source::LessonContent;

pub fn texts(content: &LessonContent) -> Vec<(FindingPlace, &Text)> {
    let mut out = Vec::new();
    lesson(content, &mut out);
    quiz(content, &mut out);
    exercise(content, &mut out);
    out
}

fn lesson<'a>(content: &'a LessonContent, out: &mut Vec<(FindingPlace, &'a Text)>) {
    let (place, lesson) = (FindingPlace::of(content, "lesson"), &content.lesson);
    out.push((place.below("title"), &lesson.title));
    out.push((place.below("summary"), &lesson.summary));
    out.extend(lesson.objectives.iter().map(|objective| (place.below("objectives").id(&objective.id), &objective.text)));
    for block in &lesson.blocks {
        let here = place.below("blocks").id(block_id(block));
        out.extend(block_texts(block).into_iter().map(|text| (here.clone(), text)));
    }
}

fn quiz<'a>(content: &'a LessonContent, out: &mut Vec<(FindingPlace, &'a Text)>) {
    let place = FindingPlace::of(content, "quiz");
    out.push((place.below("title"), &content.quiz.title));
    for item in &content.quiz.items {
        let here = place.below("items").id(&item.id);
        out.push((here.clone(), &item.stem));
        out.extend(item.evidence.iter().map(|evidence| (here.clone(), &evidence.description)));
        for (about, text) in item.task.texts().into_iter().chain(item.task.rationales()) {
            out.push((about.place(&here), text));
        }
    }
}

fn exercise<'a>(content: &'a LessonContent, out: &mut Vec<(FindingPlace, &'a Text)>) {
    let (place, exercise) = (FindingPlace::of(content, "exercise"), &content.exercise);
    out.push((place.below("title"), &exercise.title));
    out.push((place.below("introduction"), &exercise.introduction));
    for step in &exercise.steps {
        let here = place.below("steps").at("part", crate::rubric::part_name(step.part));
        out.extend([&step.title, &step.text].map(|text| (here.clone(), text)));
    }
    out.extend(exercise.rubric.iter().map(|one| (place.below("rubric").id(&one.id), &one.text)));
    for case in &exercise.cases {
        out.extend([&case.title, &case.story].map(|text| (place.below("cases").id(&case.id), text)));
    }
}
